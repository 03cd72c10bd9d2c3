import { describe, expect, it } from 'vitest'
import type { AuctionEvent, AuctionSnapshot } from '../src/api/types'
import { emptyRoom, foldFrame, type Frame, type RoomState } from '../src/live/auction_frames'

const END = '2026-12-01T09:00:00Z'
const LATER = '2026-12-01T09:05:00Z'

const snapshot = (over: Partial<AuctionSnapshot> = {}): AuctionSnapshot => ({
  id: 'a', listing_id: 'l', listing_no: 'T2026-0001', title: 'x', seller_name: 's', is_demonstration: true, status: 'open',
  start_price_fen: 100_00, step_fen: 10_00, deposit_fen: 0, price_fen: null, leader_code: null, minimum_fen: 100_00, bid_count: 0, bidder_count: 2,
  opens_at: '2026-12-01T08:00:00Z', ends_at: END, hard_end_at: null, extension_count: 0, trigger_seconds: 300, extension_seconds: 300,
  has_reserve: false, reserve_met: null, epoch: 1, number: 2, head_hash: 'h', server_time: '2026-12-01T08:30:00Z',
  me: { bidder_code: 'A27', can_bid: true, why_not: null, leading: false, deposit_fen: 0, my_highest_fen: null }, result: null, ...over,
})
const event = (number: number, kind: string, body: Record<string, unknown> = {}): AuctionEvent => ({ number, kind, at: '2026-12-01T08:40:00Z', body, hash: `h${String(number)}` })
const bid = (number: number, bidder: string, yuan: number, over: Record<string, unknown> = {}) =>
  event(number, 'bid_accepted', { bidder, amount_fen: yuan * 100, sequence: number - 2, ends_at: END, extensions: 0, reserve_met: null, ...over })
const events = (list: AuctionEvent[], epoch = 1): Frame => ({ type: 'events', epoch, events: list, server_time: '2026-12-01T08:40:01Z' })
const START = [event(1, 'auction_scheduled'), event(2, 'auction_opened', { ends_at: END })]

function fold(frames: Frame[], from: RoomState = emptyRoom()): { state: RoomState; verdicts: string[] } {
  let state = from
  const verdicts: string[] = []
  for (const frame of frames) {
    const folded = foldFrame(state, frame)
    state = folded.state
    verdicts.push(folded.verdict)
  }
  return { state, verdicts }
}
const entered = () => fold([events(START), { type: 'snapshot', ...snapshot() }]).state

describe('entering', () => {
  it('takes the history first and the snapshot as its end', () => {
    const { state, verdicts } = fold([events([...START, bid(3, 'C03', 100)]), { type: 'snapshot', ...snapshot({ number: 3, price_fen: 100_00, bid_count: 1 }) }])
    expect(verdicts).toEqual(['applied', 'applied'])
    expect(state.number).toBe(3)
    expect(state.bids).toHaveLength(1)
    expect(state.sale?.price_fen).toBe(100_00)
  })

  it('asks for what is missing when the snapshot is ahead of the history', () => {
    expect(fold([events(START), { type: 'snapshot', ...snapshot({ number: 5 }) }]).verdicts).toEqual(['applied', 'gap'])
  })
})

describe('events', () => {
  it('move price, leader, minimum, end and my own standing', () => {
    const { state } = fold([events([bid(3, 'A27', 100), bid(4, 'C03', 120, { ends_at: LATER, extensions: 1 })])], entered())
    expect(state.sale).toMatchObject({ price_fen: 120_00, leader_code: 'C03', minimum_fen: 130_00, bid_count: 2, ends_at: LATER, extension_count: 1, number: 4 })
    expect(state.sale?.me).toMatchObject({ leading: false, my_highest_fen: 100_00 })
    expect(state.bids.map((line) => [line.bidder, line.raise_fen, line.isExtending])).toEqual([['A27', 0, false], ['C03', 20_00, true]])
  })

  it('come twice without harm', () => {
    const once = fold([events([bid(3, 'A27', 100)])], entered()).state
    const twice = fold([events([bid(3, 'A27', 100)]), events([...START, bid(3, 'A27', 100)])], once)
    expect(twice.verdicts).toEqual(['applied', 'applied'])
    expect(twice.state).toEqual(once)
  })

  it('stop at a hole and say so; nothing behind it is applied', () => {
    const { state, verdicts } = fold([events([bid(3, 'A27', 100), bid(5, 'C03', 140)])], entered())
    expect(verdicts).toEqual(['gap'])
    expect(state.number).toBe(3)
    expect(state.sale?.price_fen).toBe(100_00)
  })

  it('heal a hole by resuming behind the last number', () => {
    const broken = fold([events([bid(5, 'C03', 140)])], entered()).state
    const { state, verdicts } = fold([events([bid(3, 'A27', 100), bid(4, 'C03', 120)]), events([bid(5, 'C03', 140)]), { type: 'snapshot', ...snapshot({ number: 5, price_fen: 140_00 }) }], broken)
    expect(verdicts).toEqual(['applied', 'applied', 'applied'])
    expect(state.bids.map((line) => line.amount_fen)).toEqual([100_00, 120_00, 140_00])
  })

  it('of another epoch ask for a new beginning', () => {
    expect(fold([events([bid(3, 'A27', 100)], 2)], entered()).verdicts).toEqual(['restart'])
    expect(fold([{ type: 'snapshot', ...snapshot({ epoch: 2 }) }], entered()).verdicts).toEqual(['restart'])
  })

  it('close the sale with its winner and the opened reserve', () => {
    const closing = event(4, 'auction_closed', { outcome: 'sold', price_fen: 100_00, winner: 'A27', reserve_opening: { reserve_fen: 90_00, key: 'k' } })
    const { state } = fold([events([bid(3, 'A27', 100), closing])], entered())
    expect(state.sale).toMatchObject({ status: 'sold', result: { outcome: 'sold', price_fen: 100_00, winner_code: 'A27' } })
    expect(state.reserveFen).toBe(90_00)
  })

  it('that a snapshot already holds only grow the history', () => {
    const ahead = fold([{ type: 'snapshot', ...snapshot({ number: 3, price_fen: 100_00, bid_count: 1 }) }]).state
    const { state } = fold([events([...START, bid(3, 'C03', 100)])], ahead)
    expect(state.sale?.bid_count).toBe(1)
    expect(state.bids).toHaveLength(1)
    expect(state.number).toBe(3)
  })
})

describe('ticks and old snapshots', () => {
  it('a tick that is ahead tells of a hole; one that is level moves the end', () => {
    expect(fold([{ type: 'tick', server_time: END, ends_at: END, number: 9 }], entered()).verdicts).toEqual(['gap'])
    expect(fold([{ type: 'tick', server_time: END, ends_at: LATER, number: 2 }], entered()).state.sale?.ends_at).toBe(LATER)
  })

  it('a snapshot from before tells only who I am', () => {
    const now = fold([events([bid(3, 'C03', 150)])], entered()).state
    const me = { bidder_code: 'B02', can_bid: true, why_not: null, leading: false, deposit_fen: 0, my_highest_fen: null }
    const { state } = fold([{ type: 'snapshot', ...snapshot({ number: 2, me }) }], now)
    expect(state.sale).toMatchObject({ price_fen: 150_00, me })
  })
})
