import type { AuctionEvent, AuctionSnapshot } from '@/api/types'
import { emptyRoom, foldFrame, type RoomState } from './auction_frames'

/**
 * The replay of an ended sale from its recorded events: pure, by the same fold as the live room. Days of silence and
 * fights of seconds are both to be watched, so the time between two events is squeezed, never their order.
 */
const SHORTEST_MS = 350
const LONGEST_MS = 2400
/** Events with one official time came together, and are shown together. */
const TOGETHER_MS = 60
const CHECKPOINT = 200

/** How long the replay waits between two events that lay this far apart. */
export function pauseBetween(gapMs: number): number {
  if (gapMs <= 0) return TOGETHER_MS
  return Math.round(Math.min(LONGEST_MS, SHORTEST_MS + 260 * Math.log10(1 + gapMs / 1000)))
}

/** When each event is shown, in milliseconds from the start of the replay at its ordinary speed. */
export function layOut(events: readonly AuctionEvent[]): number[] {
  let at = 0
  return events.map((event, index) => {
    const before = events[index - 1]
    if (before) at += pauseBetween(Date.parse(event.at) - Date.parse(before.at))
    return at
  })
}

/** How many events have been shown at a position: always at least the first. */
export function shownAt(offsets: readonly number[], positionMs: number): number {
  let low = 0
  let high = offsets.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((offsets[middle] ?? Infinity) <= positionMs) low = middle + 1
    else high = middle
  }
  return Math.max(low, Math.min(1, offsets.length))
}

/** The official time that a position stands for: between two events it runs on, squeezed as the pause is. */
export function momentAt(events: readonly AuctionEvent[], offsets: readonly number[], positionMs: number): number {
  const count = shownAt(offsets, positionMs)
  const shown = events[count - 1]
  if (!shown) return 0
  const at = Date.parse(shown.at)
  const next = events[count]
  const start = offsets[count - 1] ?? 0
  const end = offsets[count]
  if (!next || end === undefined || end <= start) return at
  const share = Math.min(1, Math.max(0, (positionMs - start) / (end - start)))
  return at + (Date.parse(next.at) - at) * share
}

/** The sale as it was when it was published: what its end changed is taken back. */
export function rewind(sale: AuctionSnapshot, first: AuctionEvent | undefined): AuctionSnapshot {
  const terms = first?.body.terms as { closes_at?: string; hard_end_at?: string | null } | undefined
  return {
    ...sale, status: 'scheduled', stage: '', price_fen: null, leader_code: null, bid_count: 0, extension_count: 0, detail: null,
    ends_at: terms?.closes_at ?? sale.ends_at, hard_end_at: terms?.hard_end_at ?? null, reserve_met: null, result: null, suspension: null, number: 0, me: null,
  }
}

/** Steps through the events of a sale; going back starts from the nearest checkpoint. */
export class Replay {
  readonly offsets: number[]
  private readonly events: readonly AuctionEvent[]
  private readonly checkpoints: RoomState[]

  constructor(sale: AuctionSnapshot, events: readonly AuctionEvent[]) {
    this.events = events
    this.offsets = layOut(events)
    this.checkpoints = [{ ...emptyRoom(), sale: rewind(sale, events[0]), epoch: sale.epoch }]
  }

  get length(): number {
    return this.events.length
  }

  get lengthMs(): number {
    return this.offsets.at(-1) ?? 0
  }

  /** The state after the first `count` events. */
  stateAfter(count: number): RoomState {
    const wanted = Math.max(0, Math.min(count, this.events.length))
    let place = Math.min(Math.floor(wanted / CHECKPOINT), this.checkpoints.length - 1)
    for (; (place + 1) * CHECKPOINT <= wanted; place++) {
      this.checkpoints[place + 1] = this.fold(place * CHECKPOINT, (place + 1) * CHECKPOINT, this.checkpoints[place])
    }
    return this.fold(place * CHECKPOINT, wanted, this.checkpoints[place])
  }

  private fold(from: number, to: number, state: RoomState | undefined): RoomState {
    const base = state ?? emptyRoom()
    const frame = { type: 'events' as const, epoch: base.epoch ?? 1, events: this.events.slice(from, to), server_time: '' }
    return foldFrame(base, frame).state
  }
}
