import { describe, expect, it } from 'vitest'
import type { AuctionMe, AuctionSnapshot } from '../src/api/types'
import { mayPress, standing } from '../src/pages/room/standing'

const NOW = Date.parse('2026-12-01T08:30:00Z')
const me = (over: Partial<AuctionMe> = {}): AuctionMe => ({ bidder_code: 'A27', can_bid: true, why_not: null, leading: false, deposit_fen: 0, my_highest_fen: null, ...over })
const sale = (over: Partial<AuctionSnapshot> = {}): AuctionSnapshot => ({
  id: 'a', listing_id: 'l', listing_no: 'n', title: 'x', seller_name: 's', is_demonstration: false, status: 'open', start_price_fen: 1, step_fen: 1, deposit_fen: 0,
  price_fen: 5, leader_code: 'C03', minimum_fen: 6, bid_count: 1, bidder_count: 2, opens_at: '2026-12-01T08:00:00Z', ends_at: '2026-12-01T09:00:00Z', hard_end_at: null,
  extension_count: 0, trigger_seconds: 300, extension_seconds: 300, has_reserve: false, reserve_met: null, epoch: 1, number: 3, head_hash: 'h',
  server_time: '2026-12-01T08:30:00Z', me: me(), result: null, ...over,
})
const at = (over: Partial<AuctionSnapshot>, rest: Partial<Parameters<typeof standing>[0]> = {}) =>
  standing({ sale: sale(over), isConnected: true, isLost: false, isUnsent: false, nowMs: NOW, ...rest })

describe('what I am in a sale', () => {
  it('is the loudest thing that is true', () => {
    expect(standing({ sale: null, isConnected: false, isLost: false, isUnsent: false, nowMs: NOW })).toBe('loading')
    expect(standing({ sale: null, isConnected: false, isLost: true, isUnsent: false, nowMs: NOW })).toBe('disconnected')
    expect(at({}, { isConnected: false, isLost: true })).toBe('disconnected')
    expect(at({ me: null })).toBe('watching')
    expect(at({})).toBe('ready')
    expect(at({ me: me({ my_highest_fen: 4 }) })).toBe('outbid')
    expect(at({ me: me({ leading: true, my_highest_fen: 5 }) })).toBe('leading')
    expect(at({ me: me({ my_highest_fen: 4 }) }, { isUnsent: true })).toBe('unsent')
    expect(at({ ends_at: '2026-12-01T08:29:59Z' })).toBe('closing')
    expect(at({ status: 'scheduled' })).toBe('scheduled')
  })

  it('knows who is kept out, and that a sale not yet open keeps nobody out', () => {
    const why = { type: '/problems/not-admitted', title: '', status: 403, detail: '', code: 'not-admitted' }
    const early = { type: '/problems/auction-not-open', title: '', status: 409, detail: '', code: 'auction-not-open' }
    expect(at({ me: me({ bidder_code: null, can_bid: false, why_not: why }) }, { isUnsent: true })).toBe('barred')
    expect(at({ status: 'scheduled', me: me({ can_bid: false, why_not: early }) })).toBe('scheduled')
    expect(at({ me: me({ can_bid: false, why_not: early }) })).toBe('ready')
    expect(mayPress(sale({ me: me({ bidder_code: null, can_bid: false, why_not: why }) }), NOW)).toBe(false)
    expect(mayPress(sale({ me: null }), NOW)).toBe(false)
    expect(mayPress(sale({ status: 'scheduled' }), NOW)).toBe(false)
    expect(mayPress(sale(), NOW)).toBe(true)
    expect(mayPress(sale(), Date.parse('2026-12-01T09:00:00Z'))).toBe(false)
  })

  it('after the end says who won', () => {
    const result = { outcome: 'sold' as const, price_fen: 5, winner_code: 'A27' }
    expect(at({ status: 'sold', result })).toBe('won')
    expect(at({ status: 'sold', result: { ...result, winner_code: 'C03' } })).toBe('lost')
    expect(at({ status: 'sold', result, me: null })).toBe('over-sold')
    expect(at({ status: 'unsold', result: { outcome: 'unsold', price_fen: null, winner_code: null } })).toBe('over-unsold')
  })
})
