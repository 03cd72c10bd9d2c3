import type { BidAnswer } from '@/api/types'
import type { OwnRequest } from './own_request'

/**
 * What a bidder keeps of each own request: the answer as it was received, and for secret ones the amount and the key of
 * the commitment. The exchange does not keep a sealed amount, so this browser and the saved file are the bidder's proof.
 */
export interface Proof {
  request: OwnRequest
  sent_at: string
  /** The answer as it came; null until it is known. */
  answer: BidAnswer | null
}

/** Old ones fall out first: the newest are what may still be disputed, and a browser's storage is small. */
const KEEP = 300

const place = (auctionId: string, code: string) => `market.proofs.${auctionId}.${code}`

export function readProofs(auctionId: string, code: string, storage: Storage = localStorage): Proof[] {
  const kept = storage.getItem(place(auctionId, code))
  if (!kept) return []
  const value: unknown = JSON.parse(kept)
  return Array.isArray(value) ? (value as Proof[]) : []
}

/** Puts a proof in, or in place of the one of the same request; the newest is last. */
export function keepProof(auctionId: string, code: string, proof: Proof, storage: Storage = localStorage): Proof[] {
  const before = readProofs(auctionId, code, storage)
  const at = before.findIndex((kept) => kept.request.bid_id === proof.request.bid_id)
  const after = at < 0 ? [...before, proof] : before.with(at, proof)
  const kept = after.slice(-KEEP)
  storage.setItem(place(auctionId, code), JSON.stringify(kept))
  return kept
}

export function forgetProofs(auctionId: string, code: string, storage: Storage = localStorage): void {
  storage.removeItem(place(auctionId, code))
}

/** The file that a bidder saves of one answer: what the verifier reads, and beside it what only the bidder knows. */
export function receiptFile(auctionId: string, proof: Proof): { name: string; text: string } {
  const { request, answer, sent_at } = proof
  const secret = request.key === undefined ? {} : { secret: { bid_id: request.bid_id, amount_fen: request.amount_fen, key: request.key } }
  const text = JSON.stringify({ ...answer, auction_id: auctionId, sent_at, ...secret }, null, 2)
  return { name: `receipt-${request.bid_id}.json`, text: `${text}\n` }
}

/** Offers a text as a file to save. */
export function saveText(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser reads the blob after this turn; freed at once, some would save an empty file.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
