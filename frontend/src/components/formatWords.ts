import type { Key } from '@/i18n'
import { dictionaries, t } from '@/i18n'

/** A format, its stage and its acts in words; what this page does not know yet gets a word that is true of all. */
const known = (key: string): key is Extract<Key, `format.${string}`> => key.slice('format.'.length) in dictionaries.zh.format

const wordsOf = (key: string, instead: Key): Key => (known(key) ? key : instead)

/** 增价竞价 / 反向增价竞价 becomes 反向 · …: the direction stands before the name. */
export function formatName(format: string, direction: string): string {
  const name = t(wordsOf(`format.name_${format}`, 'format.name_other'))
  return direction === 'reverse' ? `${t('format.reverse')} · ${name}` : name
}

export const formatLead = (format: string): string => t(wordsOf(`format.lead_${format}`, 'format.lead_other'))

/** The stage in words; empty where a format has only one. */
export function stageName(stage: string): string {
  const key = `format.stage_${stage}`
  return stage !== '' && known(key) ? t(key) : ''
}

export const formatKey = wordsOf
