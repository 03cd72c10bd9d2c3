import { BASE } from '@/api/client'
import { lang } from '@/i18n'
import type { AuctionSnapshot } from '@/api/types'
import { emptyRoom, foldFrame, learnSnapshot, type Frame, type RoomState } from './auction_frames'
import { heard } from './server_clock'

/**
 * One sale's socket. It resumes with ?after= the last folded number, so nothing is ever missed silently: a hole in the
 * numbers makes it reconnect from there, a new epoch makes it read everything again. Silence longer than the server's
 * own ticks counts as a lost connection.
 */
export interface SocketListener {
  changed: (state: RoomState) => void
  answered: (frame: Extract<Frame, { type: 'answer' }>) => void
  refused: (frame: Extract<Frame, { type: 'error' }>) => void
  /** `retryAt` is local time in milliseconds; null while a try is under way. */
  disconnected: (attempt: number, retryAt: number | null) => void
  connected: () => void
}

const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 15_000
const SILENCE_MS = 14_000
/** A hole that reconnecting does not close three times running is told as a disconnection, not hidden by a busy loop. */
const HASTY_TRIES = 3

export function retryDelay(attempt: number, random: number = Math.random()): number {
  const most = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, attempt - 1))
  return Math.round(most * (0.7 + 0.3 * random))
}

export class AuctionSocket {
  state: RoomState = emptyRoom()
  isConnected = false
  private socket: WebSocket | null = null
  private attempt = 0
  private retryTimer: number | undefined
  private silenceTimer: number | undefined
  private isClosed = false
  private readonly onOnline = () => this.retryNow()
  private readonly auctionId: string
  private readonly listener: SocketListener

  constructor(auctionId: string, listener: SocketListener) {
    this.auctionId = auctionId
    this.listener = listener
    window.addEventListener('online', this.onOnline)
    this.connect()
  }

  /** Sends when the line stands; false means that nothing left this browser. */
  send(message: Record<string, unknown>): boolean {
    if (!this.isConnected || this.socket?.readyState !== WebSocket.OPEN) return false
    this.socket.send(JSON.stringify(message))
    return true
  }

  /** Takes in what an ordinary request told, such as what I may do now. */
  learn(sale: AuctionSnapshot): void {
    this.state = learnSnapshot(this.state, sale)
    this.listener.changed(this.state)
  }

  /** Skips the wait before the next try. */
  retryNow(): void {
    if (this.isClosed || this.isConnected || this.socket) return
    window.clearTimeout(this.retryTimer)
    this.connect()
  }

  close(): void {
    this.isClosed = true
    window.removeEventListener('online', this.onOnline)
    window.clearTimeout(this.retryTimer)
    window.clearTimeout(this.silenceTimer)
    this.drop()
  }

  private connect(): void {
    if (this.attempt > 0) this.listener.disconnected(this.attempt, null)
    const address = new URL(`${BASE}/auctions/${this.auctionId}/socket`, window.location.href)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    address.searchParams.set('after', String(this.state.number))
    address.searchParams.set('own_after', String(this.state.ownNumber))
    address.searchParams.set('lang', lang.value)
    const socket = new WebSocket(address)
    this.socket = socket
    socket.onmessage = (message: MessageEvent<string>) => {
      if (this.socket === socket) this.receive(message.data)
    }
    socket.onclose = () => {
      if (this.socket === socket) this.lost()
    }
    this.watchSilence()
  }

  private receive(data: string): void {
    const frame = JSON.parse(data) as Frame
    this.watchSilence()
    if ('server_time' in frame && frame.server_time) heard(frame.server_time)
    if (frame.type === 'answer') return this.listener.answered(frame)
    if (frame.type === 'error') return this.listener.refused(frame)
    const { state, verdict } = foldFrame(this.state, frame)
    if (verdict === 'restart') {
      this.state = emptyRoom()
      return this.again()
    }
    this.state = state
    if (verdict === 'gap') return this.again()
    this.listener.changed(state)
    // The snapshot is the end of catching up: only now does the room know everything.
    if (frame.type === 'snapshot' && !this.isConnected) {
      this.isConnected = true
      this.attempt = 0
      this.listener.connected()
    }
  }

  /** Reconnects at once to fill a hole. */
  private again(): void {
    this.drop()
    this.isConnected = false
    this.attempt += 1
    if (this.attempt > HASTY_TRIES) return this.wait()
    this.connect()
  }

  private lost(): void {
    this.drop()
    this.isConnected = false
    if (this.isClosed) return
    this.attempt += 1
    this.wait()
  }

  private wait(): void {
    const delay = retryDelay(this.attempt)
    this.listener.disconnected(this.attempt, Date.now() + delay)
    window.clearTimeout(this.retryTimer)
    this.retryTimer = window.setTimeout(() => this.connect(), delay)
  }

  private watchSilence(): void {
    window.clearTimeout(this.silenceTimer)
    this.silenceTimer = window.setTimeout(() => this.lost(), SILENCE_MS)
  }

  private drop(): void {
    const socket = this.socket
    this.socket = null
    window.clearTimeout(this.silenceTimer)
    if (!socket) return
    socket.onmessage = null
    socket.onclose = null
    socket.close()
  }
}
