import type { Problem } from '@/api/client'
import type { AuctionEvent, AuctionSnapshot, BidAnswer, SignedHead } from '@/api/types'
import { actLine, type BidLine, type MarkLine, markLine } from './history'
import { isWhole, moveSale, openedReserve } from './moving'

/** What the socket carries, and the pure rule that folds it into what the bid room shows. */
export type Frame =
  | ({ type: 'snapshot' } & AuctionSnapshot)
  | { type: 'events'; epoch: number; events: AuctionEvent[]; head?: SignedHead | null; server_time: string }
  | { type: 'own_events'; epoch: number; events: AuctionEvent[]; head?: SignedHead | null; server_time: string }
  | ({ type: 'answer' } & BidAnswer)
  | { type: 'tick'; server_time: string; ends_at: string; number: number; epoch?: number }
  | { type: 'reload'; audience: 'public' | 'own' | 'host'; epoch: number; number: number; server_time: string }
  | { type: 'error'; problem: Problem }
  | { type: 'pong'; server_time?: string }

export interface RoomState {
  /** The snapshot with every later event folded in; null until the first one came. */
  sale: AuctionSnapshot | null
  epoch: number | null
  /** The number of the last public event that was folded: what ?after= resumes from. */
  number: number
  /** The same of my own stream, for ?own_after=. */
  ownNumber: number
  ownEpoch: number | null
  /** Accepted acts that everybody sees, with their amounts. */
  bids: BidLine[]
  /** Stages, suspensions and other marks between them. */
  marks: MarkLine[]
  /** My own stream: what only I was told. */
  own: AuctionEvent[]
  reserveFen: number | null
  /** The body of the end: ranking, openings, scores. */
  closing: Record<string, unknown> | null
  head: SignedHead | null
  /** The history does not begin at the first event. */
  isPartial: boolean
  /** Grows with each event that a fresh snapshot tells more of than the event itself. */
  unread: number
}

export type Verdict =
  | 'applied'
  /** Events are missing in between: resume from `number`. */
  | 'gap'
  /** The stream was begun anew: forget everything and read it from the start. */
  | 'restart'

export const emptyRoom = (): RoomState => ({
  sale: null, epoch: null, number: 0, ownNumber: 0, ownEpoch: null, bids: [], marks: [], own: [], reserveFen: null, closing: null, head: null, isPartial: false, unread: 0,
})

export interface Folded {
  state: RoomState
  verdict: Verdict
}

export function foldFrame(state: RoomState, frame: Frame): Folded {
  switch (frame.type) {
    case 'snapshot':
      return foldSnapshot(state, frame)
    case 'events':
      return foldEvents(state, frame.epoch, frame.events, frame.head ?? null)
    case 'own_events':
      return foldOwn(state, frame.epoch, frame.events)
    case 'reload':
      return { state: foldReload(state, frame), verdict: 'applied' }
    case 'tick':
      return foldTick(state, frame)
    default:
      return { state, verdict: 'applied' }
  }
}

function foldSnapshot(state: RoomState, frame: AuctionSnapshot & { type?: string }): Folded {
  const { type: _, ...sale } = frame
  if (state.epoch !== null && state.epoch !== sale.epoch) return { state, verdict: 'restart' }
  // An older snapshot than what is folded already tells nothing but who I am.
  if (state.sale && sale.number < state.number) {
    return { state: { ...state, sale: { ...state.sale, me: sale.me } }, verdict: 'applied' }
  }
  const isMissing = sale.number > state.number
  return { state: { ...state, sale, epoch: sale.epoch }, verdict: isMissing ? 'gap' : 'applied' }
}

/**
 * Takes in a snapshot that was asked for by an ordinary request. One that is ahead of what is folded waits for its
 * events; one behind tells only what the public stream does not carry.
 */
export function learnSnapshot(state: RoomState, sale: AuctionSnapshot): RoomState {
  if (!state.sale || sale.epoch !== state.epoch) return state
  if (sale.number === state.number) return { ...state, sale }
  return { ...state, sale: { ...state.sale, me: sale.me } }
}

function foldEvents(state: RoomState, epoch: number, events: AuctionEvent[], head: SignedHead | null): Folded {
  if (state.epoch !== null && state.epoch !== epoch) return { state, verdict: 'restart' }
  const next: RoomState = { ...state, epoch, head: head ?? state.head, bids: [...state.bids], marks: [...state.marks] }
  for (const event of events) {
    if (event.number <= next.number) continue
    if (event.number !== next.number + 1) return { state: next, verdict: 'gap' }
    takeEvent(next, event)
  }
  return { state: next, verdict: 'applied' }
}

function foldOwn(state: RoomState, epoch: number, events: AuctionEvent[]): Folded {
  if (state.ownEpoch !== null && state.ownEpoch !== epoch) return { state, verdict: 'restart' }
  let next: RoomState = { ...state, ownEpoch: epoch }
  for (const event of events) {
    if (event.number <= next.ownNumber) continue
    if (event.number !== next.ownNumber + 1) return { state: next, verdict: 'gap' }
    next = { ...next, ownNumber: event.number, own: [...next.own, event], unread: next.unread + 1 }
  }
  return { state: next, verdict: 'applied' }
}

/** What was missed cannot be sent: the history begins anew behind this number, and says that it is not whole. */
function foldReload(state: RoomState, frame: { audience: 'public' | 'own' | 'host'; epoch: number; number: number }): RoomState {
  if (frame.audience === 'own') return { ...state, ownEpoch: frame.epoch, ownNumber: frame.number, own: [], unread: state.unread + 1 }
  if (frame.audience === 'host') return state
  return { ...state, epoch: frame.epoch, number: frame.number, bids: [], marks: [], isPartial: true, unread: state.unread + 1 }
}

function foldTick(state: RoomState, frame: { ends_at: string; number: number; epoch?: number }): Folded {
  if (frame.epoch !== undefined && state.epoch !== null && frame.epoch !== state.epoch) return { state, verdict: 'restart' }
  if (frame.number > state.number) return { state, verdict: 'gap' }
  if (!state.sale || frame.number < state.number || state.sale.ends_at === frame.ends_at) return { state, verdict: 'applied' }
  return { state: { ...state, sale: { ...state.sale, ends_at: frame.ends_at } }, verdict: 'applied' }
}

/** Takes the next event into a state that nobody else holds. A snapshot that knows it already lets only the history grow. */
function takeEvent(next: RoomState, event: AuctionEvent): void {
  const sale = next.sale
  const isKnown = sale !== null && sale.number >= event.number
  next.number = event.number
  const act = actLine(next.bids.at(-1) ?? null, event)
  const mark = act ? null : markLine(event)
  if (act) next.bids.push(act)
  if (mark) next.marks.push(mark)
  if (event.kind === 'auction_closed') {
    next.reserveFen = openedReserve(event.body)
    next.closing = event.body
  }
  if (sale && !isKnown) {
    next.sale = moveSale(sale, event)
    if (!isWhole(sale, event)) next.unread += 1
  }
}
