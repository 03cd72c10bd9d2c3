import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { api, ApiProblem } from '@/api/client'
import type { AuctionSnapshot } from '@/api/types'
import { emptyRoom, type RoomState } from '@/live/auction_frames'
import { AuctionSocket } from '@/live/auction_socket'
import { serverNow, useServerNow } from '@/live/server_clock'
import { isBarred, standing, type Standing } from './standing'
import { useOwnBid } from './useOwnBid'

const ADMISSION_POLL_MS = 15_000

/** Everything the bid room knows and can do: the sale as it is folded, the line, and the one bid under way. */
export function useRoom(auctionId: string) {
  const state = shallowRef<RoomState>(emptyRoom())
  const isConnected = ref(false)
  const wasConnected = ref(false)
  const missing = shallowRef<ApiProblem | null>(null)
  const attempt = ref(0)
  const retryAt = ref<number | null>(null)
  /** When the line was lost, by the server's clock: how old what is shown may be. */
  const lostAt = ref<number | null>(null)
  const now = useServerNow()
  const sale = computed(() => state.value.sale)
  const bids = computed(() => state.value.bids)
  const own = useOwnBid(auctionId, sale)

  const socket = new AuctionSocket(auctionId, {
    changed: (next) => (state.value = next),
    answered: own.answered,
    refused: ({ problem }) => {
      // The socket could not take the message, so no answer will come: ask what became of the bid.
      if (own.pending.value) void own.lookUp(own.pending.value)
      own.refusal.value = problem.detail
    },
    connected: () => {
      isConnected.value = true
      wasConnected.value = true
      attempt.value = 0
      lostAt.value = null
      if (own.pending.value) void own.lookUp(own.pending.value)
    },
    disconnected: (tries, at) => {
      lostAt.value ??= serverNow()
      isConnected.value = false
      attempt.value = tries
      retryAt.value = at
      if (!sale.value) void findOut()
    },
  })

  /** Before the first snapshot a failing socket does not say why; an ordinary request does. */
  async function findOut(): Promise<void> {
    try {
      await api.get<AuctionSnapshot>(`/auctions/${auctionId}`)
    } catch (cause) {
      if (!(cause instanceof ApiProblem)) throw cause
      if (cause.status !== 404 && cause.status !== 422) return
      missing.value = cause
      socket.close()
    }
  }

  function bid(amountFen: number): void {
    if (isConnected.value) own.place(amountFen, (message) => socket.send(message))
  }

  const place = computed<Standing>(() =>
    standing({
      sale: sale.value, isConnected: isConnected.value,
      isLost: wasConnected.value || attempt.value > 1, isUnsent: own.refusal.value !== null, nowMs: now.value,
    }),
  )

  // Being admitted is not an event of the public stream: whoever waits for it is asked about now and then.
  const poll = window.setInterval(() => {
    const known = sale.value
    if (!known || !isConnected.value || !isBarred(known)) return
    void api.get<AuctionSnapshot>(`/auctions/${auctionId}`).then(({ me }) => {
      if (me) socket.learn(me)
    }).catch(() => undefined)
  }, ADMISSION_POLL_MS)

  // A refusal belongs to the moment: when I lead it is over.
  watch(() => sale.value?.me?.leading, (leads) => {
    if (leads) own.refusal.value = null
  })

  onScopeDispose(() => {
    socket.close()
    window.clearInterval(poll)
  })

  return {
    state, sale, bids, now, place, missing, isConnected, wasConnected, attempt, retryAt, lostAt, bid,
    pending: own.pending, isAsking: own.isAsking, refusal: own.refusal, receipt: own.receipt,
    notSent: (words: string): void => void (own.refusal.value = words),
    retryNow: () => socket.retryNow(),
  }
}

export type Room = ReturnType<typeof useRoom>
