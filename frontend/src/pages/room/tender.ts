import { listIn, textIn, type Body } from '@/live/read_body'

/** A scored tender as it is announced and as it ended. Numbers are exact fractions in text; shown rounded, never counted. */
export interface Criterion {
  code: string
  zh: string
  en: string
  weight: string
}

export function criteriaOf(options: Body): Criterion[] {
  return listIn(options, 'criteria').map((row) => ({
    code: textIn(row, 'code') ?? '', zh: textIn(row, 'zh') ?? '', en: textIn(row, 'en') ?? '', weight: String(row.weight ?? ''),
  }))
}

/** 25/2 becomes 12.50, 40 stays 40: for reading; the exact text stands beside it in the record. */
export function shownScore(exact: unknown): string {
  const [over = '', under] = String(exact ?? '').split('/')
  if (under === undefined) return over
  const value = Number(over) / Number(under)
  return Number.isFinite(value) ? value.toFixed(2) : String(exact)
}

export interface ScoreLine {
  place: number
  bidder: string
  amountFen: number
  points: Record<string, string>
  priceScore: string
  total: string
}

export function scoresOf(record: Body): ScoreLine[] {
  return listIn(record, 'ranking').map((row) => ({
    place: Number(row.place), bidder: textIn(row, 'bidder') ?? '', amountFen: Number(row.amount_fen),
    points: Object.fromEntries(Object.entries((row.points ?? {}) as Body).map(([code, value]) => [code, shownScore(value)])),
    priceScore: shownScore(row.price_score), total: textIn(row, 'total_shown') ?? shownScore(row.total),
  }))
}
