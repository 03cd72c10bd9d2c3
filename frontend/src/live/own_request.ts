import { api, ApiProblem, type Problem } from '@/api/client'
import type { BidAnswer } from '@/api/types'
import { uuid7 } from './uuid7'

/**
 * The one bid of mine that is under way in a sale. It is kept in this tab's storage until its answer is known, so that
 * a lost line or a reload never leaves its outcome open: it is asked for by its id, and never sent again silently.
 */
export interface OwnBid {
  bid_id: string
  amount_fen: number
}

const place = (auctionId: string) => `market.bid.${auctionId}`

export function makeBid(auctionId: string, amountFen: number, storage: Storage = sessionStorage): OwnBid {
  const bid = { bid_id: uuid7(), amount_fen: amountFen }
  storage.setItem(place(auctionId), JSON.stringify(bid))
  return bid
}

export function keptBid(auctionId: string, storage: Storage = sessionStorage): OwnBid | null {
  const kept = storage.getItem(place(auctionId))
  if (!kept) return null
  const value: unknown = JSON.parse(kept)
  if (typeof value !== 'object' || value === null || !('bid_id' in value) || !('amount_fen' in value)) return null
  return { bid_id: String(value.bid_id), amount_fen: Number(value.amount_fen) }
}

export function forgetBid(auctionId: string, bidId: string, storage: Storage = sessionStorage): void {
  if (keptBid(auctionId, storage)?.bid_id === bidId) storage.removeItem(place(auctionId))
}

export type Outcome =
  | { kind: 'answer'; answer: BidAnswer }
  /** The server never saw it: nothing was bid. */
  | { kind: 'never-arrived' }
  /** The server could not be asked; ask again when it can. */
  | { kind: 'unknown'; problem: ApiProblem }

const SETTLE_MS = 1500
const REFUSED = [402, 403, 409, 422]
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/**
 * Asks what became of a bid. A bid may still wait at the desk when the line has just come back, so "not there" is
 * believed only when it is said twice with a pause between.
 */
export async function askOutcome(auctionId: string, bid: OwnBid, wait = SETTLE_MS): Promise<Outcome> {
  for (const isLast of [false, true]) {
    try {
      return { kind: 'answer', answer: await api.get<BidAnswer>(`/auctions/${auctionId}/bids/${bid.bid_id}`) }
    } catch (cause) {
      if (!(cause instanceof ApiProblem)) throw cause
      // A refused bid answers with its first refusal; only what says nothing about the bid leaves it open.
      if (REFUSED.includes(cause.status)) return { kind: 'answer', answer: { bid_id: bid.bid_id, ok: false, problem: cause.problem } }
      if (cause.status !== 404) return { kind: 'unknown', problem: cause }
      if (isLast) return { kind: 'never-arrived' }
      await pause(wait)
    }
  }
  return { kind: 'never-arrived' }
}

export function isTooLow(problem: Problem): boolean {
  return problem.code === 'bid-too-low' || (problem.type?.endsWith('bid-too-low') ?? false)
}
