import { describe, expect, it } from 'vitest'
import { layOut, pauseBetween, Replay, rewind, shownAt } from '../../src/live/replay'
import { ENDS, makeBid, makeEvent, makeResult, makeSale } from './sales'

const seconds = (value: number) => new Date(Date.parse('2026-12-01T08:00:00Z') + value * 1000).toISOString()
const history = (bids: number) => [
  makeEvent(1, 'auction_scheduled', { terms: { closes_at: ENDS, hard_end_at: null } }, seconds(-86_400)),
  makeEvent(2, 'auction_opened', { ends_at: ENDS }, seconds(0)),
  ...Array.from({ length: bids }, (_, index) => ({ ...makeBid(index + 3, index % 2 ? 'C03' : 'A27', 100 + index * 10), at: seconds(10 * index + 10) })),
  makeEvent(bids + 3, 'auction_closed', { outcome: 'sold', reason: null, price_fen: (100 + (bids - 1) * 10) * 100, winner: bids % 2 ? 'A27' : 'C03', ends_at: ENDS }, ENDS),
]
const ended = (bids: number) => makeSale({ status: 'sold', price_fen: 1, number: bids + 3, leader_code: 'C03', bid_count: bids, result: makeResult(), ends_at: ENDS })

describe('the time of a replay', () => {
  it('squeezes days and keeps seconds apart, and never turns the order round', () => {
    expect(pauseBetween(0)).toBeLessThan(pauseBetween(1000))
    expect(pauseBetween(1000)).toBeLessThan(pauseBetween(60_000))
    expect(pauseBetween(86_400_000 * 30)).toBeLessThanOrEqual(2400)
    const offsets = layOut(history(20))
    expect(offsets[0]).toBe(0)
    for (let index = 1; index < offsets.length; index++) expect(offsets[index]).toBeGreaterThan(offsets[index - 1] ?? 0)
  })

  it('finds how many events a position shows', () => {
    const offsets = [0, 100, 100, 250]
    expect([-5, 0, 99, 100, 249, 250, 9999].map((at) => shownAt(offsets, at))).toEqual([1, 1, 1, 3, 3, 4, 4])
    expect(shownAt([], 10)).toBe(0)
  })
})

describe('stepping', () => {
  it('begins with the sale as it was published', () => {
    expect(rewind(ended(3), history(3)[0])).toMatchObject({ status: 'scheduled', price_fen: null, leader_code: null, bid_count: 0, result: null, number: 0, ends_at: ENDS })
    expect(new Replay(ended(3), history(3)).stateAfter(1).sale).toMatchObject({ status: 'scheduled', price_fen: null })
  })

  it('shows at each step what the live room showed then', () => {
    const replay = new Replay(ended(3), history(3))
    expect(replay.stateAfter(2).sale?.status).toBe('open')
    expect(replay.stateAfter(4)).toMatchObject({ number: 4, sale: { price_fen: 110_00, leader_code: 'C03', bid_count: 2 } })
    expect(replay.stateAfter(6).sale).toMatchObject({ status: 'sold', result: { winner_code: 'A27', price_fen: 120_00 } })
    expect(replay.stateAfter(99).number).toBe(6)
  })

  it('goes back and forth to the same states, over checkpoints too', () => {
    const replay = new Replay(ended(700), history(700))
    const forward = [1, 199, 200, 201, 555, 703].map((count) => replay.stateAfter(count))
    const again = [703, 555, 201, 200, 199, 1].map((count) => replay.stateAfter(count)).reverse()
    expect(again).toEqual(forward)
    expect(forward.map((state) => state.bids.length)).toEqual([0, 197, 198, 199, 553, 700])
  })
})
