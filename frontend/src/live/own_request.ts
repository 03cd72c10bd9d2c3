import { api, ApiProblem, type Problem } from '@/api/client'
import type { BidAnswer, RequestKind } from '@/api/types'
import { newSecretKey } from './secret_key'
import { uuid7 } from './uuid7'

/** Kinds whose amount nobody but its bidder may know: they go with a key that the bidder's program made. */
export const SECRET_KINDS: readonly RequestKind[] = ['maximum', 'seal', 'turn']

/** What a press asks for, as the server reads it; `if_number` and `step` are what the bidder saw when pressing. */
export interface Wish {
  kind: RequestKind
  amount_fen: number | null
  if_number?: number
  step?: number
}

/**
 * The one request of mine that is under way in a sale. It is kept in this tab's storage until its answer is known, so
 * that a lost line or a reload never leaves its outcome open: it is asked for by its id, and never sent again silently.
 */
export interface OwnRequest extends Wish {
  bid_id: string
  /** 64 hexadecimal digits, for kinds whose amount stays secret. */
  key?: string
}

const place = (auctionId: string) => `market.bid.${auctionId}`

export function makeRequest(auctionId: string, wish: Wish, storage: Storage = sessionStorage): OwnRequest {
  const isSecret = SECRET_KINDS.includes(wish.kind)
  const request: OwnRequest = { bid_id: uuid7(), ...wish, ...(isSecret && { key: newSecretKey() }) }
  storage.setItem(place(auctionId), JSON.stringify(request))
  return request
}

export function keptRequest(auctionId: string, storage: Storage = sessionStorage): OwnRequest | null {
  const kept = storage.getItem(place(auctionId))
  if (!kept) return null
  const value: unknown = JSON.parse(kept)
  if (typeof value !== 'object' || value === null || !('bid_id' in value) || !('amount_fen' in value)) return null
  return { kind: 'bid', ...value } as OwnRequest
}

export function forgetRequest(auctionId: string, bidId: string, storage: Storage = sessionStorage): void {
  if (keptRequest(auctionId, storage)?.bid_id === bidId) storage.removeItem(place(auctionId))
}

/** The request as socket and POST take it: members that have nothing to say are left out. */
export function wireOf(request: OwnRequest): Record<string, unknown> {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== null && value !== undefined))
}

export type Outcome =
  | { kind: 'answer'; answer: BidAnswer }
  /** The server never saw it: nothing was asked for. */
  | { kind: 'never-arrived' }
  /** The server could not be asked; ask again when it can. */
  | { kind: 'unknown'; problem: ApiProblem }

const SETTLE_MS = 1500
const REFUSED = [402, 403, 409, 422]
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/**
 * Asks what became of a request. It may still wait at the desk when the line has just come back, so "not there" is
 * believed only when it is said twice with a pause between.
 */
export async function askOutcome(auctionId: string, request: OwnRequest, wait = SETTLE_MS): Promise<Outcome> {
  for (const isLast of [false, true]) {
    try {
      return { kind: 'answer', answer: await api.get<BidAnswer>(`/auctions/${auctionId}/bids/${request.bid_id}`) }
    } catch (cause) {
      if (!(cause instanceof ApiProblem)) throw cause
      // A refused request answers with its first refusal; only what says nothing about it leaves it open.
      if (REFUSED.includes(cause.status)) return { kind: 'answer', answer: { bid_id: request.bid_id, ok: false, problem: cause.problem } }
      if (cause.status !== 404) return { kind: 'unknown', problem: cause }
      if (isLast) return { kind: 'never-arrived' }
      await pause(wait)
    }
  }
  return { kind: 'never-arrived' }
}

/** The code of a problem, with or without its full address. */
export function problemCode(problem: Problem): string {
  return problem.code ?? problem.type?.split(/[/:#]/).pop() ?? ''
}
