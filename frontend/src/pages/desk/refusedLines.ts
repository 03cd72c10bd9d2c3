import type { AuctionEvent } from '@/api/types'
import type { Key } from '@/i18n'

/** One refused request as the host's desk reads it: under its code, never a sealed or automatic one. */
export interface RefusedLine {
  number: number
  at: string
  bidder: string | null
  kind: Key
  amountFen: number | null
  refusal: string
}

const KINDS: Record<string, Key> = {
  bid: 'host.kind_bid', take: 'host.kind_take', match: 'host.kind_match', accept: 'host.kind_accept', raise: 'host.kind_raise', enter: 'host.kind_enter',
}

/** The newest first. */
export function refusedLines(events: readonly AuctionEvent[]): RefusedLine[] {
  return events
    .filter((event) => event.kind === 'bid_refused')
    .map(({ number, at, body }) => ({
      number,
      at,
      bidder: typeof body.bidder === 'string' ? body.bidder : null,
      kind: KINDS[String(body.kind)] ?? 'host.kind_other',
      amountFen: typeof body.amount_fen === 'number' ? body.amount_fen : null,
      refusal: String(body.refusal),
    }))
    .reverse()
}
