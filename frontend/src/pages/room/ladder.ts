/** The three amounts that stand ready, and the check of a typed one. Pure: amounts in fen. */

/** How round an amount is: the trailing zeros of its yuan. */
function roundness(fen: number): number {
  let zeros = 0
  for (let value = fen / 100; Number.isInteger(value / 10) && value !== 0; value /= 10) zeros += 1
  return zeros
}

/** The lowest amount, one step more, and a rounder jump three to eight steps up. */
export function rungs(minimumFen: number, stepFen: number): [number, number, number] {
  const jumps = [3, 4, 5, 6, 7, 8].map((steps) => minimumFen + steps * stepFen)
  const jump = jumps.reduce((best, amount) => (roundness(amount) > roundness(best) ? amount : best))
  return [minimumFen, minimumFen + stepFen, jump]
}

export type TypedAmount =
  | { ok: true; fen: number }
  | { ok: false; fault: 'low'; minimumFen: number }
  | { ok: false; fault: 'off-step'; belowFen: number; aboveFen: number }

export function checkTyped(fen: number, minimumFen: number, stepFen: number): TypedAmount {
  if (fen < minimumFen) return { ok: false, fault: 'low', minimumFen }
  const over = (fen - minimumFen) % stepFen
  if (over !== 0) return { ok: false, fault: 'off-step', belowFen: fen - over, aboveFen: fen - over + stepFen }
  return { ok: true, fen }
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
