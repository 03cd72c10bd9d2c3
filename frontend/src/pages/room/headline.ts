import type { AuctionSnapshot } from '@/api/types'
import { t } from '@/i18n'
import { countIn } from '@/live/read_body'
import { clockPrice } from './dutch'
import { familyOf } from './family'
import { isEnded } from './standing'

/** The one amount that stands largest, and the word over it; in a sealed stage the start price is all that is known. */
export interface Headline {
  label: string
  fen: number
  /** The amount is a price that somebody has bid. */
  isBid: boolean
}

export function headlineOf(sale: AuctionSnapshot, nowMs: number): Headline {
  const start = { label: t(sale.direction === 'reverse' ? 'room.price_ceiling' : 'room.price_start'), fen: sale.start_price_fen, isBid: false }
  if (isEnded(sale)) {
    if (sale.status === 'sold') return { label: t('room.price_final'), fen: sale.result?.price_fen ?? sale.price_fen ?? 0, isBid: true }
    return sale.price_fen === null ? start : { label: t(sale.direction === 'reverse' ? 'room.price_last_reverse' : 'room.price_last'), fen: sale.price_fen, isBid: true }
  }
  const clock = clockPrice(sale, nowMs)
  if (clock) return { label: t('room.price_asking'), fen: clock.fen, isBid: false }
  const family = familyOf(sale.format)
  const roundFen = countIn(sale.detail ?? {}, 'round_fen')
  if (family === 'raise' && roundFen !== null && sale.status === 'open') return { label: t('room.price_round', { round: countIn(sale.detail ?? {}, 'round') ?? 1 }), fen: roundFen, isBid: false }
  if (sale.price_fen === null) return start
  const word = sale.stage === 'extra' ? 'room.price_tied' : sale.stage === 'sealed' && family === 'dutch' ? 'room.price_taken' : sale.stage === 'priority' ? 'room.price_asked' : family === 'rounds' ? 'room.price_best' : 'room.price_now'
  return { label: t(word), fen: sale.price_fen, isBid: true }
}
