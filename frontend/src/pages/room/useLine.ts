import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { api, ApiProblem } from '@/api/client'
import type { AuctionSnapshot } from '@/api/types'
import { emptyRoom, type Frame, type RoomState } from '@/live/auction_frames'
import { AuctionSocket } from '@/live/auction_socket'
import { serverNow, useServerNow } from '@/live/server_clock'

export interface LineListener {
  answered?: (frame: Extract<Frame, { type: 'answer' }>) => void
  refused?: (frame: Extract<Frame, { type: 'error' }>) => void
  connected?: () => void
}

const GUEST_SPREAD_MS = 2500
const MINE_SPREAD_MS = 120

/** One sale as it is watched: folded state, the line's own state, and what a page needs to say about both. */
export function useLine(auctionId: string, listener: LineListener = {}) {
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
  let readTimer: number | undefined
  let isReading = false

  const socket = new AuctionSocket(auctionId, {
    changed: (next) => {
      const isNews = next.unread !== state.value.unread
      state.value = next
      if (isNews) readSoon()
    },
    answered: (frame) => {
      listener.answered?.(frame)
      readSoon()
    },
    refused: (frame) => listener.refused?.(frame),
    connected: () => {
      isConnected.value = true
      wasConnected.value = true
      attempt.value = 0
      lostAt.value = null
      listener.connected?.()
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

  /** Reads the sale anew: what I may do now, and what an event alone does not tell in full. */
  async function read(): Promise<void> {
    if (!isConnected.value || isReading) return
    isReading = true
    try {
      socket.learn(await api.get<AuctionSnapshot>(`/auctions/${auctionId}`))
    } catch (cause) {
      // Read again with the next event; the socket says by itself when the line is gone.
      if (!(cause instanceof ApiProblem)) throw cause
    } finally {
      isReading = false
    }
  }

  /** Events of one moment are read once, a bidder's at once, those who only watch spread over a few seconds. */
  function readSoon(): void {
    window.clearTimeout(readTimer)
    const spread = sale.value?.me?.bidder_code ? MINE_SPREAD_MS : Math.random() * GUEST_SPREAD_MS
    readTimer = window.setTimeout(() => void read(), spread)
  }

  onScopeDispose(() => {
    socket.close()
    window.clearTimeout(readTimer)
  })

  return { state, sale, bids, now, missing, isConnected, wasConnected, attempt, retryAt, lostAt, socket, read, readSoon }
}

export type Line = ReturnType<typeof useLine>
