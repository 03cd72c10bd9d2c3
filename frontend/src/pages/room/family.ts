/** Which panel plays a format; one that this page does not know yet is played as an open one, by what it offers. */
export type Family = 'open' | 'sealed' | 'dutch' | 'rounds' | 'raise' | 'tender'

const FAMILIES: Record<string, Family> = {
  english: 'open', free_limited: 'open',
  sealed_first_price: 'sealed', vickrey: 'sealed',
  dutch: 'dutch', dutch_sealed_best: 'dutch',
  prozorro_rounds: 'rounds', raise_or_accept: 'raise', scored_tender: 'tender',
}

export const familyOf = (format: string): Family => FAMILIES[format] ?? 'open'

const HIDDEN_STAGES = ['sealed', 'scoring']

/** Whether nobody sees an amount now, nor whether there is one: until envelopes are opened together. */
export function isHiddenStage(sale: { format: string; stage: string }): boolean {
  const family = familyOf(sale.format)
  return HIDDEN_STAGES.includes(sale.stage) || (sale.stage === '' && (family === 'sealed' || family === 'tender'))
}
