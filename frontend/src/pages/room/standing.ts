import type { AuctionSnapshot } from '@/api/types'
import type { Key } from '@/i18n'
import type { Mark } from '@/components/marks'

/** What I am in this sale right now: it decides the state bar, the ladder and the window's title. */
export type Standing =
  | 'loading' | 'disconnected' | 'unsent' | 'scheduled' | 'closing'
  | 'leading' | 'outbid' | 'ready' | 'barred' | 'watching'
  | 'won' | 'lost' | 'over-sold' | 'over-unsold'

export interface Situation {
  sale: AuctionSnapshot | null
  isConnected: boolean
  /** There was a line before, or several tries for a first one failed. */
  isLost: boolean
  /** A press that was refused or never sent, until the next press or event of mine. */
  isUnsent: boolean
  nowMs: number
}

export function standing({ sale, isConnected, isLost, isUnsent, nowMs }: Situation): Standing {
  if (!sale) return isLost ? 'disconnected' : 'loading'
  if (sale.status === 'sold' || sale.status === 'unsold') return ended(sale)
  if (!isConnected && isLost) return 'disconnected'
  if (sale.status === 'scheduled') return isBarred(sale) ? 'barred' : 'scheduled'
  if (Date.parse(sale.ends_at) <= nowMs) return 'closing'
  const me = sale.me
  if (!me) return 'watching'
  if (isBarred(sale)) return 'barred'
  if (me.leading) return 'leading'
  if (isUnsent) return 'unsent'
  return me.my_highest_fen === null ? 'ready' : 'outbid'
}

const TIME_REASONS = ['auction-not-open', 'auction-over']

/** Kept out for a reason of mine; a sale that has not opened yet keeps everybody out and is no such reason. */
export function isBarred(sale: AuctionSnapshot): boolean {
  const me = sale.me
  if (!me || me.can_bid) return false
  return me.bidder_code === null || (me.why_not !== null && !TIME_REASONS.includes(me.why_not.code ?? ''))
}

/** Whether a press may become a bid now: the keys ask this as the buttons do. */
export function mayPress(sale: AuctionSnapshot | null, nowMs: number): boolean {
  return sale?.status === 'open' && sale.me !== null && !isBarred(sale) && Date.parse(sale.ends_at) > nowMs
}

function ended(sale: AuctionSnapshot): Standing {
  const mine = sale.me?.bidder_code ?? null
  const winner = sale.result?.winner_code ?? null
  if (sale.status === 'sold' && mine !== null) return winner === mine ? 'won' : 'lost'
  return sale.status === 'sold' ? 'over-sold' : 'over-unsold'
}

export interface Bar {
  tone: 'out' | 'lead' | 'mute' | 'off' | 'inv'
  mark: Mark
  word: Key
}

export const BARS: Record<Standing, Bar> = {
  loading: { tone: 'mute', mark: 'ring', word: 'room.state_loading' },
  disconnected: { tone: 'off', mark: 'stop', word: 'room.state_disconnected' },
  unsent: { tone: 'out', mark: 'out', word: 'room.state_unsent' },
  scheduled: { tone: 'mute', mark: 'ring', word: 'room.state_scheduled' },
  closing: { tone: 'mute', mark: 'half', word: 'room.state_closing' },
  leading: { tone: 'lead', mark: 'lead', word: 'room.state_leading' },
  outbid: { tone: 'out', mark: 'out', word: 'room.state_outbid' },
  ready: { tone: 'lead', mark: 'check', word: 'room.state_ready' },
  barred: { tone: 'mute', mark: 'ring', word: 'room.state_barred' },
  watching: { tone: 'mute', mark: 'ring', word: 'room.state_watching' },
  won: { tone: 'lead', mark: 'check', word: 'room.state_won' },
  lost: { tone: 'mute', mark: 'end', word: 'room.state_lost' },
  'over-sold': { tone: 'mute', mark: 'end', word: 'room.state_over_sold' },
  'over-unsold': { tone: 'mute', mark: 'end', word: 'room.state_over_unsold' },
}
