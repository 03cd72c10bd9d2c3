import type { Listing } from '@/api/types'
import { lang, t, type Key } from '@/i18n'
import { yuan } from '@/money'
import { duration } from '@/time'
import { FORMATS, type Criterion, type OptionField } from './formats'

/** A listing's own parameters of its format in words, one line each; what is not set is not said. */
export function optionLines(listing: Pick<Listing, 'format' | 'options'>): string[] {
  const form = FORMATS.find((one) => one.name === listing.format)
  return (form?.fields ?? [])
    .filter((field) => listing.options[field.key] !== undefined)
    .map((field) => `${t(`method.o_${field.key}` as Key)}${lang.value === 'zh' ? '：' : ': '}${said(field, listing.options[field.key])}`)
}

function said(field: OptionField, value: unknown): string {
  const seconds = (one: unknown) => duration(Number(one), lang.value)
  switch (field.kind) {
    case 'flag':
      return t(value ? 'method.yes' : 'method.no')
    case 'seconds':
      return seconds(value)
    case 'pauses':
      return (value as number[]).map(seconds).join(' · ')
    case 'choice':
      return t(`method.c_${String(value)}` as Key)
    case 'money':
      return `¥${yuan(Number(value))}`
    case 'ladder':
      return (value as [number, number][]).map(([from, step]) => `${yuan(from)} → ${yuan(step)}`).join(' · ')
    case 'criteria':
      return (value as Criterion[]).map((row) => `${lang.value === 'zh' ? row.zh : row.en} ${String(row.weight)}%`).join(' · ')
    default:
      return String(value)
  }
}
