import { onScopeDispose, ref, shallowRef, type Ref } from 'vue'
import type { Problem } from '@/api/client'
import type { AuctionSnapshot, BidAnswer } from '@/api/types'
import { t } from '@/i18n'
import { askOutcome, forgetBid, isTooLow, keptBid, makeBid, type OwnBid } from '@/live/own_bid'
import { yuan } from '@/money'

export interface Receipt {
  amountFen: number
  at: string
  number: number
}

/** How long an answer may take over a standing line before the bid is looked up by its id. */
const ANSWER_MS = 4000

/** The one bid of mine under way: sent once, kept until its answer is known, looked up when the line was lost. */
export function useOwnBid(auctionId: string, sale: Readonly<Ref<AuctionSnapshot | null>>) {
  const pending = shallowRef<OwnBid | null>(keptBid(auctionId))
  const isAsking = ref(false)
  const refusal = ref<string | null>(null)
  const receipt = shallowRef<Receipt | null>(null)
  let answerTimer: number | undefined

  function settle(bidId: string): void {
    window.clearTimeout(answerTimer)
    forgetBid(auctionId, bidId)
    if (pending.value?.bid_id === bidId) pending.value = null
  }

  /** A bid that was too low met a price that may not have been told by an event yet: the server names the minimum. */
  function refuse(problem: Problem): void {
    const known = sale.value
    const minimum = problem.minimum_fen
    const price = known && typeof minimum === 'number' ? minimum - known.step_fen : known?.price_fen
    const isMoved = isTooLow(problem) && known?.price_fen != null && price != null
    refusal.value = isMoved ? t('room.too_low_now', { price: yuan(price) }) : problem.detail
  }

  function answered(answer: BidAnswer): void {
    settle(answer.bid_id)
    if (!answer.ok) return refuse(answer.problem)
    refusal.value = null
    receipt.value = { amountFen: answer.amount_fen, at: answer.official_at, number: answer.number }
  }

  async function lookUp(bid: OwnBid): Promise<void> {
    if (isAsking.value) return
    isAsking.value = true
    const outcome = await askOutcome(auctionId, bid).finally(() => (isAsking.value = false))
    if (pending.value?.bid_id !== bid.bid_id) return
    if (outcome.kind === 'answer') return answered(outcome.answer)
    const amount = yuan(bid.amount_fen)
    if (outcome.kind === 'unknown') {
      refusal.value = t('room.still_unknown', { amount })
      return
    }
    settle(bid.bid_id)
    refusal.value = t('room.never_arrived', { amount })
  }

  /** Keeps the bid, then sends it; when nothing left this browser it is looked up as soon as the line is back. */
  function place(amountFen: number, send: (message: Record<string, unknown>) => boolean): void {
    if (pending.value) return
    refusal.value = null
    receipt.value = null
    const own = makeBid(auctionId, amountFen)
    pending.value = own
    if (!send({ type: 'bid', bid_id: own.bid_id, amount_fen: own.amount_fen })) return
    answerTimer = window.setTimeout(() => void lookUp(own), ANSWER_MS)
  }

  onScopeDispose(() => window.clearTimeout(answerTimer))
  return { pending, isAsking, refusal, receipt, answered, lookUp, place, settle }
}
