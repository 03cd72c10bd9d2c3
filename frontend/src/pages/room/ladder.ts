import type { AuctionSnapshot } from '@/api/types'
import { stepAt } from '@/live/steps'

/** The three amounts that stand ready, and the check of a typed one. Pure: amounts in fen. */

/** How round an amount is: the trailing zeros of its yuan. */
function roundness(fen: number): number {
  let zeros = 0
  for (let value = fen / 100; Number.isInteger(value / 10) && value !== 0; value /= 10) zeros += 1
  return zeros
}

/** What an open sale's amounts rest on: the limit, the step from the present price, and which way is better. */
export interface Ladder {
  limitFen: number
  stepFen: number
  isReverse: boolean
}

export function ladderOf(sale: AuctionSnapshot): Ladder | null {
  const limit = nextLimit(sale)
  if (limit === null) return null
  return { limitFen: limit, stepFen: sale.price_fen === null ? stepAt(sale, sale.start_price_fen) : stepAt(sale, sale.price_fen), isReverse: sale.direction === 'reverse' }
}

/** The lowest amount taken now (in a reverse sale the highest); null where the format takes none. */
export const nextLimit = (sale: AuctionSnapshot): number | null => sale.offer.limit_fen

/** The limit, one step more, and a rounder jump three to eight steps on; a falling price stops above zero. */
export function rungs({ limitFen, stepFen, isReverse }: Ladder): number[] {
  const at = (steps: number) => (isReverse ? limitFen - steps * stepFen : limitFen + steps * stepFen)
  const jump = [3, 4, 5, 6, 7, 8].map(at).filter((fen) => fen > 0).reduce((best, fen) => (roundness(fen) > roundness(best) ? fen : best), at(3))
  return [limitFen, at(1), jump].filter((fen) => fen > 0)
}

export type TypedAmount =
  | { ok: true; fen: number }
  | { ok: false; fault: 'beyond'; limitFen: number }
  | { ok: false; fault: 'off-step'; belowFen: number; aboveFen: number }

/** Checks a typed amount as the server will; where any amount counts, only the limit is looked at. */
export function checkTyped(fen: number, { limitFen, stepFen, isReverse }: Ladder, isFree = false): TypedAmount {
  if (isReverse ? fen > limitFen : fen < limitFen) return { ok: false, fault: 'beyond', limitFen }
  const over = Math.abs(fen - limitFen) % stepFen
  if (isFree || over === 0) return { ok: true, fen }
  const near = isReverse ? fen + over : fen - over
  return { ok: false, fault: 'off-step', belowFen: Math.min(near, isReverse ? near - stepFen : near + stepFen), aboveFen: Math.max(near, isReverse ? near - stepFen : near + stepFen) }
}

/** Up to the ceiling one press sends; above it, or with no ceiling set, the button asks for a second press. */
export function needsSecondPress(amountFen: number, ceilingFen: number | null): boolean {
  return ceilingFen === null || amountFen > ceilingFen
}

/** Ticks of the price axis at 1, 2 or 5 times a power of ten, three to five of them around the data. */
export function priceTicks(lowFen: number, highFen: number): number[] {
  const span = Math.max(highFen - lowFen, 100)
  const raw = span / 3
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? 10 * power
  const first = Math.floor(lowFen / step) * step
  const ticks: number[] = []
  for (let tick = first; tick < highFen + step || ticks.length < 2; tick += step) ticks.push(tick)
  return ticks
}

/** The numbers written under the chart: first, last and a few round ones between. */
export function orderTicks(total: number): number[] {
  if (total <= 1) return total === 1 ? [1] : []
  const step = [5, 10, 20, 50, 100, 200, 500, 1000].find((size) => total / size <= 5) ?? 2000
  const ticks = [1]
  for (let tick = step; tick < total; tick += step) if (total - tick > step / 3 && tick > 1) ticks.push(tick)
  return [...ticks, total]
}
