import { describe, expect, it } from 'vitest'
import { emptyRoom, foldFrame, learnSnapshot, type Frame, type RoomState } from '../src/live/auction_frames'
import { mergeLines } from '../src/live/history'
import { ENDS as END, eventsFrame as events, makeBid as bid, makeEvent as event, makeMe, makeSale as snapshot } from './room/sales'

const LATER = '2026-12-01T09:05:00Z'

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
    expect(state.sale).toMatchObject({ price_fen: 120_00, leader_code: 'C03', offer: { limit_fen: 130_00 }, bid_count: 2, ends_at: LATER, extension_count: 1, number: 4 })
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
    const me = makeMe({ bidder_code: 'B02' })
    const { state } = fold([{ type: 'snapshot', ...snapshot({ number: 2, me }) }], now)
    expect(state.sale).toMatchObject({ price_fen: 150_00, me })
  })
})

describe('what is mine alone', () => {
  it('comes on a stream of its own, with numbers of its own', () => {
    const own = { type: 'own_events' as const, epoch: 1, events: [event(1, 'envelope_received', { bid_id: 'x' })], server_time: END }
    const { state, verdicts } = fold([own, own], entered())
    expect(verdicts).toEqual(['applied', 'applied'])
    expect(state).toMatchObject({ number: 2, ownNumber: 1, unread: 1 })
    expect(state.own).toHaveLength(1)
    expect(fold([{ ...own, events: [event(3, 'envelope_received')] }], state).verdicts).toEqual(['gap'])
    expect(fold([{ ...own, epoch: 2 }], state).verdicts).toEqual(['restart'])
  })

  it('is told by an ordinary request without moving what everybody saw', () => {
    const now = fold([events([bid(3, 'C03', 150)])], entered()).state
    const me = makeMe({ own: { maximum_fen: 200_00 } })
    expect(learnSnapshot(now, snapshot({ number: 2, me })).sale).toMatchObject({ price_fen: 150_00, me: { own: { maximum_fen: 200_00 } } })
    expect(learnSnapshot(now, snapshot({ number: 3, price_fen: 150_00, me, stage: 'limited' })).sale?.stage).toBe('limited')
    expect(learnSnapshot(now, snapshot({ number: 9, price_fen: 990_00 })).sale?.price_fen).toBe(150_00)
  })
})

describe('what an event alone does not tell in full', () => {
  it('asks for the sale to be read anew, a plain bid of an open sale does not', () => {
    const plain = fold([events([bid(3, 'C03', 110)])], entered()).state
    expect(plain.unread).toBe(0)
    expect(fold([events([event(4, 'stage_began', { stage: 'limited', ends_at: LATER })])], plain).state).toMatchObject({ unread: 1, sale: { stage: 'limited', ends_at: LATER } })
  })

  it('a gap that cannot be filled is said: the history begins anew and is marked as not whole', () => {
    const long = fold([events([bid(3, 'C03', 110)])], entered()).state
    const { state } = fold([{ type: 'reload', audience: 'public', epoch: 1, number: 400, server_time: END }], long)
    expect(state).toMatchObject({ number: 400, isPartial: true, bids: [] })
  })
})

describe('other stages', () => {
  it('a suspension keeps the end and says why; the resumption moves it', () => {
    const { state } = fold([events([event(3, 'auction_suspended', { reason_zh: '核对', reason_en: 'check', ends_at: END })])], entered())
    expect(state.sale).toMatchObject({ status: 'suspended', ends_at: END, suspension: { reason_zh: '核对' } })
    expect(fold([events([event(4, 'auction_resumed', { ends_at: LATER, hard_end_at: null })])], state).state.sale).toMatchObject({ status: 'open', ends_at: LATER, suspension: null })
  })

  it('a void end has no winner', () => {
    const { state } = fold([events([event(3, 'auction_closed', { outcome: 'void', reason: 'void', price_fen: null, winner: null })])], entered())
    expect(state.sale).toMatchObject({ status: 'void', result: { outcome: 'void', winner_code: null } })
  })

  it('turns move the leader, the order and the places', () => {
    const sale = snapshot({ format: 'prozorro_rounds', stage: 'turn', detail: { round: 1, turn: 1, order: ['A27', 'C03'], places: [{ bidder: 'A27', amount_fen: 100_00, since: 0 }, { bidder: 'C03', amount_fen: 120_00, since: 1 }] } })
    const start = fold([events(START), { type: 'snapshot', ...sale }]).state
    const ended = event(3, 'turn_ended', { bidder: 'A27', round: 1, turn: 1, amount_fen: 150_00, is_changed: true, price_fen: 150_00, leader: 'A27', sequence: 3 })
    const began = event(4, 'stage_began', { stage: 'turn', round: 1, turn: 2, whose: 'C03', order: ['A27', 'C03'], price_fen: 150_00, leader: 'A27', ends_at: LATER })
    const { state } = fold([events([ended, began])], start)
    expect(state.sale).toMatchObject({ price_fen: 150_00, leader_code: 'A27', ends_at: LATER, me: { leading: true }, detail: { whose: 'C03', turn: 2, places: [{ amount_fen: 150_00, since: 2 }, { amount_fen: 120_00 }] } })
  })

  it('acts and marks stand in one history, the newest first', () => {
    const automatic = bid(4, 'A27', 120, { automatic: true })
    const { state } = fold([events([bid(3, 'C03', 110), automatic, event(5, 'stage_began', { stage: 'limited', ends_at: LATER })])], entered())
    const lines = mergeLines(state.bids, state.marks, 3)
    expect(lines.map((line) => [line.number, line.type === 'act' ? line.way : line.kind])).toEqual([[5, 'stage_began'], [4, 'automatic'], [3, 'manual']])
  })
})
