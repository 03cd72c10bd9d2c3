/** What follows from matching a line to what is due. The server judges; this says it before the press. Pure. */
import type { OrderSuggestion, Suggestion } from './shapes'

export type Verdict = 'exact' | 'over' | 'under' | 'third_party' | 'not_buyer'

type Fit = Pick<Suggestion, 'target_kind' | 'difference_fen' | 'has_name'>

/** All that follows, the weightiest first; `under` and `not_buyer` stand alone, because nothing can be matched. */
export function verdictsOf(one: Fit): Verdict[] {
  if (one.difference_fen < 0) return ['under']
  if (!one.has_name && one.target_kind === 'deposit') return ['not_buyer']
  const found: Verdict[] = []
  if (!one.has_name) found.push('third_party')
  if (one.difference_fen > 0) found.push('over')
  return found.length ? found : ['exact']
}

export const canMatch = (one: Fit): boolean => !verdictsOf(one).some((verdict) => verdict === 'under' || verdict === 'not_buyer')
export const needsSecond = (one: Fit): boolean => verdictsOf(one).includes('third_party')

/** A line executes an order of exactly its amount, to its account; where the bank printed none, to its name. */
export function executes(payeeAccount: string, one: Pick<OrderSuggestion, 'difference_fen' | 'has_account' | 'has_name'>): boolean {
  return one.difference_fen === 0 && (payeeAccount ? one.has_account : one.has_name)
}

/** Whole days from one calendar day to another; negative when it has passed. */
export function daysUntil(day: string, today: string): number {
  return Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${today}T00:00:00Z`)) / 86_400_000)
}
