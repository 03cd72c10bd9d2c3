import { BASE } from '@/api/client'
import { lang } from '@/i18n'
import { retryDelay } from './auction_socket'

interface Frame {
  type: string
  number?: number
  epoch?: number
  events?: { number: number }[]
}

const PING_EVERY_MS = 20_000

/**
 * One negotiation's socket: it tells that something was said, and resumes behind the last number it has heard. What was
 * said is read from the room itself, so that a page never shows half an answer.
 */
export class NegotiationSocket {
  private socket: WebSocket | null = null
  private number: number | null = null
  private epoch: number | null = null
  private attempt = 0
  private retryTimer: number | undefined
  private readonly pingTimer: number
  private isClosed = false
  private readonly roomId: string
  private readonly heard: () => void
  private readonly connected: (isConnected: boolean) => void

  constructor(roomId: string, heard: () => void, connected: (isConnected: boolean) => void) {
    this.roomId = roomId
    this.heard = heard
    this.connected = connected
    this.pingTimer = window.setInterval(() => {
      if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"type":"ping"}')
    }, PING_EVERY_MS)
    this.connect()
  }

  close(): void {
    this.isClosed = true
    window.clearTimeout(this.retryTimer)
    window.clearInterval(this.pingTimer)
    this.socket?.close()
  }

  private connect(): void {
    const query = new URLSearchParams({ lang: lang.value })
    if (this.number !== null && this.epoch !== null) {
      query.set('after', String(this.number))
      query.set('epoch', String(this.epoch))
    }
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${BASE}/negotiation-rooms/${this.roomId}/socket?${query.toString()}`)
    this.socket = socket
    socket.onmessage = (message) => this.take(JSON.parse(String(message.data)) as Frame)
    socket.onclose = () => this.lost()
  }

  private take(frame: Frame): void {
    if (frame.epoch !== undefined) this.epoch = frame.epoch
    const last = frame.events?.at(-1)?.number ?? frame.number
    if (last !== undefined) this.number = last
    if (frame.type === 'snapshot') {
      this.attempt = 0
      this.connected(true)
    }
    if (frame.type === 'snapshot' || frame.type === 'events' || frame.type === 'reload') this.heard()
  }

  private lost(): void {
    if (this.isClosed) return
    this.connected(false)
    this.attempt += 1
    this.retryTimer = window.setTimeout(() => this.connect(), retryDelay(this.attempt))
  }
}
