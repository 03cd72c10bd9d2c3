import type { Key } from '@/i18n'
import { dictionaries, t } from '@/i18n'

/** A format, its stage and its acts in words; what this page does not know yet gets a word that is true of all. */
const isKnown = (key: string): key is Extract<Key, `format.${string}`> => key.slice('format.'.length) in dictionaries.zh.format

export const formatKey = (key: string, instead: Key): Key => (isKnown(key) ? key : instead)

/** 增价，延时结束: a sale turned round has words of its own where the usual ones would be wrong. */
export function formatName(format: string, direction: string): string {
  const usual = formatKey(`format.name_${format}`, 'format.name_other')
  if (direction !== 'reverse') return t(usual)
  return `${t('format.reverse')} · ${t(formatKey(`format.reverse_${format}`, usual))}`
}

export const formatLead = (format: string): string => t(formatKey(`format.lead_${format}`, 'format.lead_other'))

/** The stage in words; empty where a format has only one. */
export function stageName(stage: string): string {
  const key = `format.stage_${stage}`
  return stage !== '' && isKnown(key) ? t(key) : ''
}
