import { describe, expect, it } from 'vitest'
import type { AuctionSnapshot } from '../src/api/types'
import { mayPress, standing } from '../src/pages/room/standing'
import { makeMe as me, makeResult, makeSale } from './room/sales'

const NOW = Date.parse('2026-12-01T08:30:00Z')
const sale = (over: Partial<AuctionSnapshot> = {}): AuctionSnapshot => makeSale({ price_fen: 5, leader_code: 'C03', ...over })
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
    const result = makeResult()
    expect(at({ status: 'sold', result })).toBe('won')
    expect(at({ status: 'sold', result: { ...result, winner_code: 'C03' } })).toBe('lost')
    expect(at({ status: 'sold', result, me: null })).toBe('over-sold')
    expect(at({ status: 'unsold', result: makeResult({ outcome: 'unsold', price_fen: null, winner_code: null }) })).toBe('over-unsold')
    expect(at({ status: 'void', result: makeResult({ outcome: 'void', winner_code: null }) })).toBe('over-void')
  })
})

describe('what a sale asks of me', () => {
  it('in a suspension nobody is asked for anything', () => {
    expect(at({ status: 'suspended' })).toBe('suspended')
    expect(mayPress(sale({ status: 'suspended' }), NOW)).toBe(false)
  })

  it('follows what the format lets this bidder do now', () => {
    const offer = (...kinds: string[]) => ({ kinds, limit_fen: 100_00, amounts_fen: [] })
    const envelope = { envelope: { bid_id: 'x', commitment: 'c', at: '2026-12-01T08:10:00Z' } }
    expect(at({ format: 'vickrey', stage: 'sealed', offer: offer('seal') })).toBe('seal')
    expect(at({ format: 'vickrey', stage: 'sealed', offer: offer('seal', 'withdraw'), me: me({ own: envelope }) })).toBe('sealed')
    expect(at({ format: 'vickrey', stage: 'extra', offer: offer() })).toBe('idle')
    expect(at({ format: 'dutch', stage: 'clock', offer: offer('take') })).toBe('take')
    expect(at({ format: 'dutch_sealed_best', stage: 'sealed', offer: offer(), me: me({ leading: true }) })).toBe('taken')
    expect(at({ format: 'dutch_sealed_best', stage: 'best', offer: offer('bid') })).toBe('answer')
    expect(at({ format: 'prozorro_rounds', stage: 'turn', offer: offer('turn') })).toBe('turn')
    expect(at({ format: 'prozorro_rounds', stage: 'turn', offer: offer() })).toBe('idle')
    expect(at({ format: 'raise_or_accept', stage: 'round', offer: offer('accept', 'raise') })).toBe('answer')
    expect(at({ format: 'free_limited', stage: 'entry', offer: offer('enter'), me: me({ own: { entered: false } }) })).toBe('enter')
    expect(at({ format: 'free_limited', stage: 'entry', offer: offer(), me: me({ own: { entered: true } }) })).toBe('entered')
    expect(at({ format: 'free_limited', stage: 'limited', offer: offer(), me: me({ own: { entered: false } }) })).toBe('idle')
  })

  it('asks a holder of the right of first refusal once, and tells the others to wait', () => {
    expect(at({ stage: 'priority', priority: 'post', me: me({ has_priority: true }), detail: { waived: [] } })).toBe('asked')
    expect(at({ stage: 'priority', priority: 'post', me: me({ has_priority: true }), detail: { waived: ['A27'] } })).toBe('asking')
    expect(at({ stage: 'priority', priority: 'post' })).toBe('asking')
  })
})
