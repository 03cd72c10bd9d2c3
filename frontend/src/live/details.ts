import type { AuctionEvent, AuctionSnapshot } from '@/api/types'
import { countIn, listIn, textIn, type Body } from './read_body'

/** How an event moves what a format tells everybody beyond price and leader. Pure; null where it says nothing. */
type Detail = AuctionSnapshot['detail']

const KEPT = ['round', 'round_fen', 'turn', 'whose', 'order', 'began_at', 'last_ends_at', 'tied']

export function moveDetail(detail: Detail, event: AuctionEvent): Detail {
  const body = event.body
  switch (event.kind) {
    case 'price_fell': case 'price_rose':
      return { ...detail, step: countIn(body, 'step'), asking_fen: countIn(body, 'asking_fen'), next_tick_at: textIn(body, 'next_tick_at') }
    case 'stage_began': case 'stage_opened':
      return { ...detail, ...Object.fromEntries(KEPT.filter((key) => key in body).map((key) => [key, body[key]])) }
    case 'turn_ended':
      return detail && { ...detail, places: movePlaces(listIn(detail, 'places'), body) }
    case 'bidder_entered':
      return detail && { ...detail, entered: [...entered(detail), textIn(body, 'bidder') ?? ''] }
    case 'bid_accepted':
      return moveRound(detail, body)
    default:
      return detail
  }
}

const entered = (detail: Body): unknown[] => (Array.isArray(detail.entered) ? detail.entered : [])

/** A bidder that betters its amount in its turn is the latest at it. */
function movePlaces(places: Body[], body: Body): Body[] {
  if (body.is_changed !== true) return places
  const since = 1 + Math.max(0, ...places.map((place) => countIn(place, 'since') ?? 0))
  return places.map((place) => (place.bidder === body.bidder ? { ...place, amount_fen: body.amount_fen, since } : place))
}

/** An act in a round of raise or accept names the next round and its price. */
function moveRound(detail: Detail, body: Body): Detail {
  const round = countIn(body, 'next_round')
  const roundFen = countIn(body, 'next_fen')
  return round === null || roundFen === null ? detail : { ...detail, round, round_fen: roundFen }
}
