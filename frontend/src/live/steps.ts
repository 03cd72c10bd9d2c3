import type { AuctionSnapshot } from '@/api/types'

/** The step of an open sale: fixed, or by a table of the price that is left. Amounts in fen. */
type Rules = Pick<AuctionSnapshot, 'step_fen' | 'direction' | 'options'>

function rows(options: Record<string, unknown>): [number, number][] {
  const ladder = options.ladder
  if (!Array.isArray(ladder)) return []
  return ladder.filter((row): row is [number, number] => Array.isArray(row) && typeof row[0] === 'number' && typeof row[1] === 'number')
}

/** The step at a price; a price on a threshold already has the new row's step. */
export function stepAt(rules: Rules, priceFen: number): number {
  return rows(rules.options).findLast(([from]) => from <= priceFen)?.[1] ?? rules.step_fen
}

/** The lowest amount (reverse: the highest) that is taken after this price. */
export function limitAfter(rules: Rules, priceFen: number): number {
  const step = stepAt(rules, priceFen)
  return rules.direction === 'reverse' ? priceFen - step : priceFen + step
}
