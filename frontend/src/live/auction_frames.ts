import type { AuctionEvent, AuctionSnapshot, BidAnswer } from '@/api/types'
import type { Problem } from '@/api/client'

/** What the socket carries, and the pure rule that folds it into what the bid room shows. */
export type Frame =
  | ({ type: 'snapshot' } & AuctionSnapshot)
  | { type: 'events'; epoch: number; events: AuctionEvent[]; server_time: string }
  | ({ type: 'answer' } & BidAnswer)
  | { type: 'tick'; server_time: string; ends_at: string; number: number; epoch?: number }
  | { type: 'error'; problem: Problem }
  | { type: 'pong'; server_time?: string }

export interface BidLine {
  sequence: number
  number: number
  at: string
  bidder: string
  amount_fen: number
  raise_fen: number
  /** This bid moved the end. */
  isExtending: boolean
}

export interface RoomState {
  /** The snapshot with every later event folded in; null until the first one came. */
  sale: AuctionSnapshot | null
  epoch: number | null
  /** The number of the last event that was folded: what ?after= resumes from. */
  number: number
  bids: BidLine[]
  reserveFen: number | null
}

export type Verdict =
  | 'applied'
  /** Events are missing in between: resume from `number`. */
  | 'gap'
  /** The stream was begun anew: forget everything and read it from the start. */
  | 'restart'

export const emptyRoom = (): RoomState => ({ sale: null, epoch: null, number: 0, bids: [], reserveFen: null })

export interface Folded {
  state: RoomState
  verdict: Verdict
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const count = (value: unknown): number | null => (typeof value === 'number' ? value : null)

export function foldFrame(state: RoomState, frame: Frame): Folded {
  switch (frame.type) {
    case 'snapshot':
      return foldSnapshot(state, frame)
    case 'events':
      return foldEvents(state, frame.epoch, frame.events)
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

function foldEvents(state: RoomState, epoch: number, events: AuctionEvent[]): Folded {
  if (state.epoch !== null && state.epoch !== epoch) return { state, verdict: 'restart' }
  let next: RoomState = { ...state, epoch }
  for (const event of events) {
    if (event.number <= next.number) continue
    if (event.number !== next.number + 1) return { state: next, verdict: 'gap' }
    next = foldEvent(next, event)
  }
  return { state: next, verdict: 'applied' }
}

function foldTick(state: RoomState, frame: { ends_at: string; number: number; epoch?: number }): Folded {
  if (frame.epoch !== undefined && state.epoch !== null && frame.epoch !== state.epoch) return { state, verdict: 'restart' }
  if (frame.number > state.number) return { state, verdict: 'gap' }
  if (!state.sale || frame.number < state.number || state.sale.ends_at === frame.ends_at) return { state, verdict: 'applied' }
  return { state: { ...state, sale: { ...state.sale, ends_at: frame.ends_at } }, verdict: 'applied' }
}

/** Folds the next event. A snapshot already holds it when its number says so: then only the history grows. */
function foldEvent(state: RoomState, event: AuctionEvent): RoomState {
  const next = { ...state, number: event.number }
  const isKnown = state.sale !== null && state.sale.number >= event.number
  if (event.kind === 'bid_accepted') next.bids = [...state.bids, bidLine(state, event)]
  if (event.kind === 'auction_closed') next.reserveFen = openedReserve(event.body)
  if (state.sale && !isKnown) next.sale = moveSale(state.sale, event)
  return next
}

function bidLine(state: RoomState, event: AuctionEvent): BidLine {
  const before = state.bids.at(-1)
  const amount = count(event.body.amount_fen) ?? 0
  const extensions = count(event.body.extensions)
  return {
    sequence: count(event.body.sequence) ?? state.bids.length + 1,
    number: event.number,
    at: event.at,
    bidder: text(event.body.bidder) ?? '',
    amount_fen: amount,
    raise_fen: before ? amount - before.amount_fen : 0,
    isExtending: extensions !== null && extensions > extensionsSoFar(state),
  }
}

/** How often the end had moved before: the number of bids that moved it. */
const extensionsSoFar = (state: RoomState): number => state.bids.reduce((sum, bid) => sum + (bid.isExtending ? 1 : 0), 0)

function openedReserve(body: Record<string, unknown>): number | null {
  const opening = body.reserve_opening
  if (typeof opening !== 'object' || opening === null || !('reserve_fen' in opening)) return null
  return count(opening.reserve_fen)
}

function moveSale(sale: AuctionSnapshot, event: AuctionEvent): AuctionSnapshot {
  const moved: AuctionSnapshot = { ...sale, number: event.number, head_hash: event.hash }
  const body = event.body
  switch (event.kind) {
    case 'auction_opened':
      return { ...moved, status: 'open', ends_at: text(body.ends_at) ?? sale.ends_at }
    case 'bid_accepted':
      return acceptBid(moved, body)
    case 'end_extended':
      return { ...moved, ends_at: text(body.ends_at) ?? sale.ends_at, extension_count: sale.extension_count + 1 }
    case 'auction_closed': {
      const outcome = body.outcome === 'sold' ? 'sold' : 'unsold'
      return { ...moved, status: outcome, result: { outcome, price_fen: count(body.price_fen), winner_code: text(body.winner) } }
    }
    default:
      return moved
  }
}

function acceptBid(sale: AuctionSnapshot, body: Record<string, unknown>): AuctionSnapshot {
  const amount = count(body.amount_fen) ?? sale.price_fen ?? 0
  const bidder = text(body.bidder)
  const mine = sale.me?.bidder_code != null && sale.me.bidder_code === bidder
  return {
    ...sale,
    // A bid may be the first that opened the sale when its time had come.
    status: 'open',
    price_fen: amount,
    leader_code: bidder,
    minimum_fen: amount + sale.step_fen,
    bid_count: count(body.sequence) ?? sale.bid_count + 1,
    ends_at: text(body.ends_at) ?? sale.ends_at,
    extension_count: count(body.extensions) ?? sale.extension_count,
    reserve_met: typeof body.reserve_met === 'boolean' ? body.reserve_met : sale.reserve_met,
    me: sale.me && { ...sale.me, leading: mine, my_highest_fen: mine ? amount : sale.me.my_highest_fen },
  }
}
