import type { AuctionEvent } from '@/api/types'
import { countIn, factIn, textIn } from './read_body'

/** How an accepted act came about: pressed by a person, by the automatic maximum, or as a format's own act. */
export type Way = 'manual' | 'automatic' | 'match' | 'take' | 'accept' | 'raise' | 'turn'

/** An accepted act with the price that everybody sees after it. */
export interface BidLine {
  sequence: number
  number: number
  at: string
  bidder: string
  amount_fen: number
  /** What it moved the price by; below zero where the price falls. */
  raise_fen: number
  extensions: number
  /** This act moved the end. */
  isExtending: boolean
  way: Way
}

/** Something else that the history shows between the acts: a stage, a suspension, the end. */
export interface MarkLine {
  number: number
  at: string
  kind: string
  body: Record<string, unknown>
}

const ACTS: Record<string, Way> = {
  bid_accepted: 'manual',
  turn_ended: 'turn',
}
/** What a format calls the request that was accepted. */
const WAYS: Record<string, Way> = { take: 'take', accept: 'accept', raise: 'raise', turn: 'turn', match: 'match' }
/** Kinds that say nothing to a reader of the history. */
const SILENT = new Set(['auction_scheduled', 'price_fell', 'price_rose'])

export function actLine(before: BidLine | null, event: AuctionEvent): BidLine | null {
  const way = ACTS[event.kind]
  const amount = countIn(event.body, 'amount_fen') ?? countIn(event.body, 'price_fen')
  // Silence in a turn keeps the old amount, which is no new one.
  if (way === undefined || amount === null || event.body.is_changed === false) return null
  const extensions = countIn(event.body, 'extensions') ?? before?.extensions ?? 0
  const isMatch = factIn(event.body, 'matched') === true
  return {
    sequence: countIn(event.body, 'sequence') ?? (before?.sequence ?? 0) + 1,
    number: event.number,
    at: event.at,
    bidder: textIn(event.body, 'bidder') ?? '',
    amount_fen: amount,
    // A turn betters its bidder's own amount, not the one before it in the record.
    raise_fen: before && way !== 'turn' ? amount - before.amount_fen : 0,
    extensions,
    isExtending: extensions > (before?.extensions ?? 0),
    way: factIn(event.body, 'automatic') === true ? 'automatic' : isMatch ? 'match' : (WAYS[textIn(event.body, 'kind') ?? ''] ?? way),
  }
}

export function markLine(event: AuctionEvent): MarkLine | null {
  // A round of raise or accept, and a turn, show in the act that ended them.
  const isInAct = countIn(event.body, 'round_fen') !== null || (event.kind === 'stage_began' && event.body.stage === 'turn')
  if (SILENT.has(event.kind) || isInAct) return null
  return { number: event.number, at: event.at, kind: event.kind, body: event.body }
}

export type HistoryLine = ({ type: 'act' } & BidLine) | ({ type: 'mark' } & MarkLine)

/** Acts and marks in the order of their numbers; `limit` of the newest. */
export function mergeLines(bids: readonly BidLine[], marks: readonly MarkLine[], limit: number): HistoryLine[] {
  const lines: HistoryLine[] = []
  let act = bids.length - 1
  let mark = marks.length - 1
  while (lines.length < limit && (act >= 0 || mark >= 0)) {
    const bid = bids[act]
    const other = marks[mark]
    if (bid && (!other || bid.number > other.number)) {
      lines.push({ type: 'act', ...bid })
      act -= 1
    } else if (other) {
      lines.push({ type: 'mark', ...other })
      mark -= 1
    }
  }
  return lines
}
