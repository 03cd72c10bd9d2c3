import type { AuctionSnapshot } from '@/api/types'
import { countIn, textIn } from '@/live/read_body'

/** A price clock as it stands at an instant of the server's time: what the next take would name. */
export interface ClockPrice {
  step: number
  fen: number
  /** The price after the next tick, and when that is; both null on the last one. */
  nextFen: number | null
  nextAt: number | null
  /** Where the clock ends: the floor, or in a reverse sale the ceiling. */
  lastFen: number
  lastStep: number
  tickMs: number
  isRising: boolean
}

export const CLOCK = 'clock'

/** The last price of a clock: announced, and never beyond it. */
function lastPrice(options: Record<string, unknown>): number | null {
  return countIn(options, 'floor_price_fen') ?? countIn(options, 'ceiling_price_fen')
}

/**
 * The price that may be taken at this instant. The server moves its clock when somebody asks or the worker comes by;
 * here the same ticks are counted from its last one, so that a late frame never shows a price that is gone.
 */
export function clockPrice(sale: Pick<AuctionSnapshot, 'stage' | 'options' | 'detail' | 'step_fen' | 'start_price_fen' | 'direction' | 'status'>, nowMs: number): ClockPrice | null {
  const tickMs = (countIn(sale.options, 'tick_seconds') ?? 0) * 1000
  const lastFen = lastPrice(sale.options)
  if (sale.stage !== CLOCK || !sale.detail || tickMs <= 0 || lastFen === null) return null
  const isRising = sale.direction === 'reverse'
  const lastStep = Math.floor(Math.abs(sale.start_price_fen - lastFen) / sale.step_fen)
  const priceOf = (step: number) => sale.start_price_fen + (isRising ? 1 : -1) * step * sale.step_fen
  const told = countIn(sale.detail, 'step') ?? 0
  const toldNext = textIn(sale.detail, 'next_tick_at')
  const due = toldNext === null ? null : Date.parse(toldNext)
  // While the clock stands still nothing ticks, whatever the time.
  const passed = due === null || sale.status !== 'open' || nowMs < due ? 0 : Math.floor((nowMs - due) / tickMs) + 1
  const step = Math.min(told + passed, lastStep)
  const isLast = step >= lastStep || due === null
  return {
    step, fen: priceOf(step), lastFen, lastStep, tickMs, isRising,
    nextFen: isLast ? null : priceOf(step + 1),
    nextAt: isLast || due === null ? null : due + (step - told) * tickMs,
  }
}

/** How much of the present tick has run, between 0 and 1. */
export function tickShare(price: ClockPrice, nowMs: number): number {
  if (price.nextAt === null) return 1
  return Math.min(1, Math.max(0, 1 - (price.nextAt - nowMs) / price.tickMs))
}
