/** Opening and closing times: typed in Shanghai time, sent in UTC, with presets for the usual cases. Pure. */
import type { Board } from './listingDraft'

const SHANGHAI_OFFSET_MS = 8 * 3_600_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Text for a `datetime-local` control (`2026-12-01T17:00:00`), in Shanghai time whatever the browser's zone. */
export function toLocalInput(instant: string | null): string {
  if (!instant) return ''
  return new Date(new Date(instant).getTime() + SHANGHAI_OFFSET_MS).toISOString().slice(0, 19)
}

/** The instant (ISO, UTC) that a `datetime-local` text means in Shanghai; null when it is empty or broken. */
export function fromLocalInput(text: string): string | null {
  if (!text) return null
  const time = Date.parse(`${text}${text.length === 16 ? ':00' : ''}Z`)
  return Number.isNaN(time) ? null : new Date(time - SHANGHAI_OFFSET_MS).toISOString()
}

export interface Preset {
  key: string
  opens_at: string
  closes_at: string
}

/** Ten in the morning in Shanghai, `days` days after today. */
function tenOClock(now: Date, days: number): number {
  const midnight = Math.floor((now.getTime() + SHANGHAI_OFFSET_MS) / DAY) * DAY - SHANGHAI_OFFSET_MS
  return midnight + days * DAY + 10 * HOUR
}

export function presetsOf(board: Board, now: Date): Preset[] {
  const span = (key: string, opens: number, length: number): Preset => ({
    key,
    opens_at: new Date(opens).toISOString(),
    closes_at: new Date(opens + length).toISOString(),
  })
  if (board === 'demo') {
    // Whole seconds: a preset that reads 10:00:03.417 would look like a mistake.
    const soon = Math.ceil(now.getTime() / 1000) * 1000
    return [
      span('demo_short', soon + 3 * MINUTE, 3 * MINUTE),
      span('demo_long', soon + 10 * MINUTE, 10 * MINUTE),
    ]
  }
  return [
    span('day_3', tenOClock(now, 3), DAY),
    span('day_10', tenOClock(now, 10), DAY),
    span('day_30', tenOClock(now, 30), DAY),
  ]
}
