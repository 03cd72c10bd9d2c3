import { beforeEach, describe, expect, it } from 'vitest'
import type { BidReceipt } from '../../src/api/types'
import { forgetRequest, keptRequest, makeRequest, wireOf } from '../../src/live/own_request'
import { forgetProofs, keepProof, readProofs, receiptFile, type Proof } from '../../src/live/receipts'
import { commitment, newSecretKey } from '../../src/live/secret_key'
import { memory } from './memory'

let storage = memory()
beforeEach(() => (storage = memory()))

const answer = (bidId: string): BidReceipt => ({
  bid_id: bidId, ok: true, kind: 'seal', amount_fen: null, stream: 'own', number: 1, hash: 'ab'.repeat(32), epoch: 1,
  received_at: '2026-12-01T08:40:00Z', official_at: '2026-12-01T08:40:00.000100Z', ends_at: '2026-12-01T09:00:00Z',
  head: null, path: [],
} as BidReceipt)

describe('a request under way', () => {
  it('is kept until its answer is known, and only its own answer forgets it', () => {
    const own = makeRequest('s', { kind: 'bid', amount_fen: 100, if_number: 7 }, storage)
    expect(keptRequest('s', storage)).toEqual(own)
    forgetRequest('s', 'another', storage)
    expect(keptRequest('s', storage)).not.toBeNull()
    forgetRequest('s', own.bid_id, storage)
    expect(keptRequest('s', storage)).toBeNull()
  })

  it('has a fresh key of 32 bytes where its amount is secret, and none elsewhere', () => {
    for (const kind of ['maximum', 'seal', 'turn'] as const) expect(makeRequest('s', { kind, amount_fen: 100 }, storage).key).toMatch(/^[0-9a-f]{64}$/)
    for (const kind of ['bid', 'take', 'match'] as const) expect(makeRequest('s', { kind, amount_fen: 100 }, storage).key).toBeUndefined()
    expect(new Set(Array.from({ length: 100 }, newSecretKey)).size).toBe(100)
  })

  it('sends only members that say something', () => {
    expect(wireOf(makeRequest('s', { kind: 'enter', amount_fen: null }, storage))).toEqual({ bid_id: expect.any(String), kind: 'enter' })
    expect(wireOf(makeRequest('s', { kind: 'take', amount_fen: 5, step: 0 }, storage))).toMatchObject({ kind: 'take', amount_fen: 5, step: 0 })
  })
})

describe('a commitment', () => {
  it('is made as the server makes it', async () => {
    const key = '0b'.repeat(32)
    // HMAC-SHA256 over the id, a line feed and the amount in fen.
    expect(await commitment('01938c6e-7b1c-7aaa-8b8b-2f4d5e6f7a8b', 130000000, key)).toBe(await import('node:crypto').then(({ createHmac }) =>
      createHmac('sha256', Buffer.from(key, 'hex')).update('01938c6e-7b1c-7aaa-8b8b-2f4d5e6f7a8b\n130000000').digest('hex')))
  })
})

describe('receipts', () => {
  const proofOf = (kind: 'seal' | 'bid', amount: number): Proof => {
    const request = makeRequest('s', { kind, amount_fen: amount }, storage)
    return { request, sent_at: '2026-12-01T08:39:59Z', answer: null }
  }

  it('are kept before the answer and completed by it, for one bidder code only', () => {
    const sent = proofOf('seal', 500)
    keepProof('s', 'A27', sent, storage)
    keepProof('s', 'A27', { ...sent, answer: answer(sent.request.bid_id) }, storage)
    expect(readProofs('s', 'A27', storage)).toHaveLength(1)
    expect(readProofs('s', 'A27', storage)[0]?.answer?.ok).toBe(true)
    expect(readProofs('s', 'B11', storage)).toEqual([])
    forgetProofs('s', 'A27', storage)
    expect(readProofs('s', 'A27', storage)).toEqual([])
  })

  it('never grow without end: the oldest fall out', () => {
    for (let count = 0; count < 320; count++) keepProof('s', 'A27', proofOf('bid', count), storage)
    const kept = readProofs('s', 'A27', storage)
    expect(kept).toHaveLength(300)
    expect(kept.at(-1)?.request.amount_fen).toBe(319)
  })

  it('are saved as the answer came, with the secret only where there is one', () => {
    const sealed = proofOf('seal', 500)
    const given = answer(sealed.request.bid_id)
    const file = receiptFile('the-sale', { ...sealed, answer: given })
    expect(file.name).toBe(`receipt-${sealed.request.bid_id}.json`)
    expect(JSON.parse(file.text)).toMatchObject({ ...given, auction_id: 'the-sale', secret: { bid_id: given.bid_id, amount_fen: 500, key: sealed.request.key } })
    expect(JSON.parse(receiptFile('the-sale', { ...proofOf('bid', 5), answer: given }).text)).not.toHaveProperty('secret')
  })
})
