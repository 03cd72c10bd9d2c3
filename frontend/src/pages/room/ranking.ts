import { countIn, listIn, type Body } from '@/live/read_body'

/** Opened envelopes by place: as a result ranks them, or, while the taker may still answer, as the opening record allows. */
export function rankingOf(record: Body, isReverse: boolean): Body[] {
  const ranked = listIn(record, 'ranking')
  if (ranked.length > 0) return ranked
  const amount = (row: Body) => (countIn(row, 'amount_fen') ?? 0) * (isReverse ? 1 : -1)
  // Openings stand in the order of acceptance, and the sort is stable: of equal amounts the earlier is better.
  return [...listIn(record, 'openings')].sort((a, b) => amount(a) - amount(b)).map((row, index) => ({ ...row, place: index + 1 }))
}
