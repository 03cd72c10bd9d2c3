import type { AuctionEvent, AuctionSnapshot } from '@/api/types'
import { moveDetail } from './details'
import { actLine } from './history'
import { bodyIn, countIn, factIn, textIn, type Body } from './read_body'
import { limitAfter } from './steps'

/** How one public event moves what the room shows of a sale. Pure. */
export function moveSale(sale: AuctionSnapshot, event: AuctionEvent): AuctionSnapshot {
  const body = event.body
  const moved: AuctionSnapshot = {
    ...sale, number: event.number, head_hash: event.hash,
    stage: textIn(body, 'stage') ?? sale.stage,
    ends_at: textIn(body, 'ends_at') ?? sale.ends_at,
    extension_count: countIn(body, 'extensions') ?? sale.extension_count,
    reserve_met: factIn(body, 'reserve_met') ?? sale.reserve_met,
    bid_count: countIn(body, 'sequence') ?? sale.bid_count,
    detail: moveDetail(sale.detail, event),
  }
  switch (event.kind) {
    case 'auction_opened':
      return { ...moved, status: 'open' }
    case 'stage_began':
    case 'stage_opened':
    case 'turn_ended':
      return lead(moved, body)
    case 'auction_suspended':
      return { ...moved, status: 'suspended', suspension: { reason_zh: textIn(body, 'reason_zh') ?? '', reason_en: textIn(body, 'reason_en') ?? '', at: event.at } }
    case 'auction_resumed':
      return { ...moved, status: 'open', suspension: null, hard_end_at: textIn(body, 'hard_end_at') ?? sale.hard_end_at }
    case 'priority_asked':
      return { ...lead(moved, body), stage: 'priority' }
    case 'auction_closed':
      return closeSale(moved, body)
    default:
      return actLine(null, event) ? acceptAct(moved, event) : moved
  }
}

/** Price and leader as an event tells them that is no bid. */
function lead(sale: AuctionSnapshot, body: Body): AuctionSnapshot {
  const leader = textIn(body, 'leader') ?? sale.leader_code
  const me = sale.me && { ...sale.me, leading: leader !== null && leader === sale.me.bidder_code }
  return { ...sale, price_fen: countIn(body, 'price_fen') ?? sale.price_fen, leader_code: leader, me }
}

function closeSale(sale: AuctionSnapshot, body: Body): AuctionSnapshot {
  const outcome = body.outcome === 'sold' || body.outcome === 'void' ? body.outcome : 'unsold'
  const price = countIn(body, 'price_fen')
  const winner = textIn(body, 'winner')
  return {
    ...sale, status: outcome, suspension: null,
    ...(outcome === 'sold' && { price_fen: price, leader_code: winner }),
    result: { outcome, reason: textIn(body, 'reason'), price_fen: price, winner_code: winner, record: body },
  }
}

function acceptAct(sale: AuctionSnapshot, event: AuctionEvent): AuctionSnapshot {
  const line = actLine(null, event)
  if (!line) return sale
  const mine = sale.me?.bidder_code != null && sale.me.bidder_code === line.bidder
  return {
    ...sale,
    // An act may be the first that opened the sale when its time had come.
    status: 'open',
    price_fen: line.amount_fen,
    leader_code: line.bidder,
    bid_count: countIn(event.body, 'sequence') ?? sale.bid_count + 1,
    offer: { ...sale.offer, limit_fen: countIn(event.body, 'next_fen') ?? limitAfter(sale, line.amount_fen) },
    me: sale.me && { ...sale.me, leading: mine, my_highest_fen: mine ? line.amount_fen : sale.me.my_highest_fen },
  }
}

const WHOLE = new Set(['auction_closed', 'auction_suspended', 'price_fell', 'price_rose'])

/** Whether the event alone told this viewer all that it changed; otherwise the sale is read anew. */
export function isWhole(sale: AuctionSnapshot, event: AuctionEvent): boolean {
  if (WHOLE.has(event.kind)) return true
  const isPlain = event.kind === 'bid_accepted' && (sale.format === 'english' || sale.format === 'free_limited')
  if (!isPlain || sale.status !== 'open') return false
  // What a maximum of mine did, and whether I may match now, is told to me alone.
  return sale.me === null || (Object.keys(sale.me.own).length === 0 && !sale.me.has_priority)
}

export function openedReserve(body: Body): number | null {
  const opening = bodyIn(body, 'reserve_opening')
  return opening ? countIn(opening, 'reserve_fen') : null
}
