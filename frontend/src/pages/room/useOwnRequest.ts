import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { Problem } from '@/api/client'
import type { AuctionSnapshot, BidAnswer } from '@/api/types'
import { t } from '@/i18n'
import { askOutcome, forgetRequest, keptRequest, makeRequest, problemCode, wireOf, type OwnRequest, type Wish } from '@/live/own_request'
import { forgetProofs, keepProof, readProofs, type Proof } from '@/live/receipts'
import { serverNow } from '@/live/server_clock'
import { yuan } from '@/money'

/** How long an answer may take over a standing line before the request is looked up by its id. */
const ANSWER_MS = 4000

/** The one request of mine under way: sent once, kept until its answer is known, looked up when the line was lost. */
export function useOwnRequest(auctionId: string, sale: Readonly<Ref<AuctionSnapshot | null>>) {
  const pending = shallowRef<OwnRequest | null>(keptRequest(auctionId))
  const isAsking = ref(false)
  const refusal = ref<string | null>(null)
  const receipt = shallowRef<Proof | null>(null)
  const proofs = shallowRef<Proof[]>([])
  const code = computed(() => sale.value?.me?.bidder_code ?? null)
  let answerTimer: number | undefined

  watch(code, (mine) => (proofs.value = mine === null ? [] : readProofs(auctionId, mine)), { immediate: true })

  function keep(proof: Proof): void {
    if (code.value !== null) proofs.value = keepProof(auctionId, code.value, proof)
  }

  function settle(bidId: string): void {
    window.clearTimeout(answerTimer)
    forgetRequest(auctionId, bidId)
    if (pending.value?.bid_id === bidId) pending.value = null
  }

  /** A press that met another price is told calmly, with the price that stands now. */
  function refuse(problem: Problem): void {
    const price = problem.price_fen
    refusal.value = problemCode(problem) === 'price-moved' && typeof price === 'number' ? t('room.price_moved', { price: yuan(price) }) : problem.detail
  }

  function answered(answer: BidAnswer): void {
    const asked = pending.value?.bid_id === answer.bid_id ? pending.value : null
    settle(answer.bid_id)
    if (!answer.ok) {
      // The key of a refused amount is of no further use, but what was refused stays provable.
      if (asked?.key !== undefined) keep({ request: asked, sent_at: new Date(serverNow()).toISOString(), answer })
      return refuse(answer.problem)
    }
    refusal.value = null
    if (asked === null) return
    const sentAt = proofs.value.find((proof) => proof.request.bid_id === asked.bid_id)?.sent_at ?? answer.received_at
    const proof = { request: asked, sent_at: sentAt, answer }
    keep(proof)
    receipt.value = proof
  }

  async function lookUp(request: OwnRequest): Promise<void> {
    if (isAsking.value) return
    isAsking.value = true
    const outcome = await askOutcome(auctionId, request).finally(() => (isAsking.value = false))
    if (pending.value?.bid_id !== request.bid_id) return
    if (outcome.kind === 'answer') return answered(outcome.answer)
    const amount = request.amount_fen === null ? '' : yuan(request.amount_fen)
    if (outcome.kind === 'unknown') {
      refusal.value = amount ? t('room.still_unknown', { amount }) : t('room.still_unknown_act')
      return
    }
    settle(request.bid_id)
    refusal.value = amount ? t('room.never_arrived', { amount }) : t('room.never_arrived_act')
  }

  /** Keeps the request, then sends it; when nothing left this browser it is looked up as soon as the line is back. */
  function place(wish: Wish, send: (message: Record<string, unknown>) => boolean): void {
    if (pending.value) return
    refusal.value = null
    receipt.value = null
    const own = makeRequest(auctionId, wish)
    // The key of a secret amount is kept before it leaves: it is the bidder's only proof of what was sent.
    if (own.key !== undefined) keep({ request: own, sent_at: new Date(serverNow()).toISOString(), answer: null })
    pending.value = own
    if (!send({ type: 'bid', ...wireOf(own) })) return
    answerTimer = window.setTimeout(() => void lookUp(own), ANSWER_MS)
  }

  function clearProofs(): void {
    if (code.value !== null) forgetProofs(auctionId, code.value)
    proofs.value = []
  }

  onScopeDispose(() => window.clearTimeout(answerTimer))
  return { pending, isAsking, refusal, receipt, proofs, answered, lookUp, place, settle, clearProofs }
}
