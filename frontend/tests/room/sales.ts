import type { AuctionEvent, AuctionMe, AuctionSnapshot } from '../../src/api/types'
import type { Frame } from '../../src/live/auction_frames'

/** Sales as the server tells them, for tests; amounts in fen. */
export const OPENS = '2026-12-01T08:00:00Z'
export const ENDS = '2026-12-01T09:00:00Z'

export const makeMe = (over: Partial<AuctionMe> = {}): AuctionMe => ({
  bidder_code: 'A27', can_bid: true, why_not: null, leading: false, deposit_fen: 0, my_highest_fen: null, has_priority: false, own: {}, ...over,
})

export const makeSale = (over: Partial<AuctionSnapshot> = {}): AuctionSnapshot => ({
  id: 'a', listing_id: 'l', listing_no: 'T2026-0001', title: 'x', seller_name: 's', is_demonstration: true, status: 'open',
  format: 'english', direction: 'forward', stage: '', options: {}, detail: null,
  start_price_fen: 100_00, step_fen: 10_00, deposit_fen: 0, price_fen: null, leader_code: null,
  offer: { kinds: ['bid'], limit_fen: 100_00, amounts_fen: [] }, min_bidders: 1, priority: 'none', priority_seconds: 0, bid_count: 0, bidder_count: 2,
  opens_at: OPENS, ends_at: ENDS, hard_end_at: null, extension_count: 0, trigger_seconds: 300, extension_seconds: 300,
  has_reserve: false, reserve_met: null, epoch: 1, number: 2, head_hash: 'h', signed_head: null, server_time: '2026-12-01T08:30:00Z',
  suspension: null, me: makeMe(), result: null, ...over,
})

export const makeResult = (over: Partial<NonNullable<AuctionSnapshot['result']>> = {}): NonNullable<AuctionSnapshot['result']> => ({
  outcome: 'sold', reason: null, price_fen: 100_00, winner_code: 'A27', record: {}, ...over,
})

export const makeEvent = (number: number, kind: string, body: Record<string, unknown> = {}, at = '2026-12-01T08:40:00Z'): AuctionEvent => ({
  number, kind, at, body, hash: `h${String(number)}`,
})

export const makeBid = (number: number, bidder: string, yuan: number, over: Record<string, unknown> = {}): AuctionEvent =>
  makeEvent(number, 'bid_accepted', { bidder, amount_fen: yuan * 100, sequence: number - 2, ends_at: ENDS, extensions: 0, reserve_met: null, ...over })

export const eventsFrame = (events: AuctionEvent[], epoch = 1): Frame => ({ type: 'events', epoch, events, server_time: '2026-12-01T08:40:01Z' })
