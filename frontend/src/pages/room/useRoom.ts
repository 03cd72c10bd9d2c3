import { computed, onScopeDispose, ref, watch } from 'vue'
import type { Wish } from '@/live/own_request'
import { clockPrice } from './dutch'
import { nextLimit } from './ladder'
import { isBarred, standing, type Standing } from './standing'
import { useLine } from './useLine'
import { useOwnRequest } from './useOwnRequest'

const ADMISSION_POLL_MS = 15_000

/** What an amount that is shown for one press rests on: when `key` changes it is another one. */
export interface Quote {
  key: string
  takes: (fen: number) => boolean
}

/** Everything the bid room knows and can do: the sale as it is folded, the line, and the one request under way. */
export function useRoom(auctionId: string) {
  const line = useLine(auctionId, {
    answered: (frame) => own.answered(frame),
    refused: ({ problem }) => {
      // The socket could not take the message, so no answer will come: ask what became of the request.
      if (own.pending.value) void own.lookUp(own.pending.value)
      own.refusal.value = problem.detail
    },
    connected: () => {
      if (own.pending.value) void own.lookUp(own.pending.value)
    },
  })
  const { sale, now, isConnected, wasConnected, attempt } = line
  const own = useOwnRequest(auctionId, sale)
  /** The target whose request is under way, so that its own button says so. */
  const pendingId = ref<string | null>(null)

  function ask(wish: Wish, id: string = wish.kind): void {
    if (!isConnected.value) return
    pendingId.value = id
    own.place(wish, (message) => line.socket.send(message))
  }

  /** An open bid at one press says what its sender saw; a typed one is decided by its amount alone. */
  function bid(amountFen: number, id: string, isOnePress: boolean): void {
    ask({ kind: 'bid', amount_fen: amountFen, ...(isOnePress && { if_number: line.state.value.number }) }, id)
  }

  const place = computed<Standing>(() =>
    standing({
      sale: sale.value, isConnected: isConnected.value,
      isLost: wasConnected.value || attempt.value > 1, isUnsent: own.refusal.value !== null, nowMs: now.value,
    }),
  )

  const quote = computed<Quote | null>(() => {
    const known = sale.value
    if (!known) return null
    const clock = clockPrice(known, now.value)
    if (clock) return { key: `${known.stage}/${String(clock.step)}`, takes: (fen) => fen === clock.fen }
    const limit = nextLimit(known)
    const isReverse = known.direction === 'reverse'
    return { key: `${known.stage}/${String(limit)}`, takes: (fen) => limit === null || (isReverse ? fen <= limit : fen >= limit) }
  })

  // Being admitted is not an event of the public stream: whoever waits for it is asked about now and then.
  const poll = window.setInterval(() => {
    const known = sale.value
    if (known && isBarred(known)) void line.read()
  }, ADMISSION_POLL_MS)

  // A refusal belongs to the moment: when I lead, or another stage has begun, it is over.
  watch([() => sale.value?.me?.leading ?? false, () => sale.value?.stage, () => sale.value?.status], ([leads, stage, status], before) => {
    if (leads || stage !== before[1] || status !== before[2]) own.refusal.value = null
  })

  onScopeDispose(() => window.clearInterval(poll))

  return {
    auctionId, state: line.state, sale, bids: line.bids, now, place, quote, missing: line.missing, isConnected, wasConnected, attempt,
    retryAt: line.retryAt, lostAt: line.lostAt, ask, bid, pendingId,
    pending: own.pending, isAsking: own.isAsking, refusal: own.refusal, receipt: own.receipt, proofs: own.proofs, clearProofs: own.clearProofs,
    notSent: (words: string): void => void (own.refusal.value = words),
    retryNow: () => line.socket.retryNow(),
  }
}

export type Room = ReturnType<typeof useRoom>
