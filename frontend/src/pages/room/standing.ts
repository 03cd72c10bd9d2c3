import type { AuctionSnapshot } from '@/api/types'
import type { Key } from '@/i18n'
import type { Mark } from '@/components/marks'
import { bodyIn, listIn } from '@/live/read_body'
import { familyOf } from './family'

/** What I am in this sale right now: it decides the state bar, the panel and the window's title. */
export type Standing =
  | 'loading' | 'disconnected' | 'unsent' | 'scheduled' | 'closing' | 'suspended'
  | 'leading' | 'outbid' | 'ready' | 'barred' | 'watching'
  | 'scoring' | 'enter' | 'entered' | 'take' | 'taken' | 'seal' | 'sealed' | 'turn' | 'answer' | 'idle' | 'asked' | 'asking'
  | 'won' | 'lost' | 'over-sold' | 'over-unsold' | 'over-void'

export interface Situation {
  sale: AuctionSnapshot | null
  isConnected: boolean
  /** There was a line before, or several tries for a first one failed. */
  isLost: boolean
  /** A press that was refused or never sent, until the next press or event of mine. */
  isUnsent: boolean
  nowMs: number
}

export const PRIORITY_STAGE = 'priority'
/** Prices of a tender stay sealed until the panel's scores are locked, however long that takes. */
export const SCORING_STAGE = 'scoring'

export const isEnded = (sale: AuctionSnapshot): boolean => sale.status === 'sold' || sale.status === 'unsold' || sale.status === 'void'

export function standing({ sale, isConnected, isLost, isUnsent, nowMs }: Situation): Standing {
  if (!sale) return isLost ? 'disconnected' : 'loading'
  if (isEnded(sale)) return ended(sale)
  if (!isConnected && isLost) return 'disconnected'
  if (sale.status === 'suspended') return 'suspended'
  if (sale.status === 'scheduled') return isBarred(sale) ? 'barred' : 'scheduled'
  if (sale.stage === SCORING_STAGE) return 'scoring'
  if (Date.parse(sale.ends_at) <= nowMs) return 'closing'
  const me = sale.me
  if (!me) return 'watching'
  if (isBarred(sale)) return 'barred'
  if (sale.stage === PRIORITY_STAGE) return me.has_priority && !hasWaived(sale) ? 'asked' : 'asking'
  if (isUnsent && !me.leading) return 'unsent'
  return playing(sale)
}

/** What an admitted bidder is while a stage runs. */
function playing(sale: AuctionSnapshot): Standing {
  const me = sale.me
  const may = (kind: string) => sale.offer.kinds.includes(kind)
  if (may('enter')) return 'enter'
  if (may('turn')) return 'turn'
  if (may('take')) return 'take'
  if (me && bodyIn(me.own, 'envelope')) return 'sealed'
  if (may('seal')) return 'seal'
  const family = familyOf(sale.format)
  if (me?.leading) return family === 'dutch' ? 'taken' : 'leading'
  if (may('accept') || may('raise')) return 'answer'
  if (family !== 'open') return may('bid') ? 'answer' : 'idle'
  if (me?.own.entered === true && sale.stage === 'entry') return 'entered'
  if (!may('bid') && !may('maximum') && !may('match')) return 'idle'
  // A maximum that was beaten at once has bid as much as an amount has.
  return me?.my_highest_fen == null && me?.own.maximum_fen == null ? 'ready' : 'outbid'
}

function hasWaived(sale: AuctionSnapshot): boolean {
  const waived = sale.detail?.waived
  return Array.isArray(waived) && waived.includes(sale.me?.bidder_code)
}

const TIME_REASONS = ['auction-not-open', 'auction-over', 'auction-suspended']

/** Kept out for a reason of mine; a sale that has not opened yet keeps everybody out and is no such reason. */
export function isBarred(sale: AuctionSnapshot): boolean {
  const me = sale.me
  if (!me || me.can_bid) return false
  return me.bidder_code === null || (me.why_not !== null && !TIME_REASONS.includes(me.why_not.code ?? ''))
}

/** Whether a press may become a request now: the keys ask this as the buttons do. */
export function mayPress(sale: AuctionSnapshot | null, nowMs: number): boolean {
  return sale?.status === 'open' && sale.me !== null && !isBarred(sale) && Date.parse(sale.ends_at) > nowMs
}

function ended(sale: AuctionSnapshot): Standing {
  if (sale.status === 'void') return 'over-void'
  const mine = sale.me?.bidder_code ?? null
  const winner = sale.result?.winner_code ?? null
  if (sale.status === 'sold' && mine !== null) return winner === mine ? 'won' : 'lost'
  return sale.status === 'sold' ? 'over-sold' : 'over-unsold'
}

/** My own place in a ranking that the end published, if there is one. */
export function myPlace(record: Record<string, unknown>, code: string | null): number | null {
  const line = listIn(record, 'ranking').find((row) => code !== null && row.bidder === code)
  return typeof line?.place === 'number' ? line.place : null
}

export interface Bar {
  tone: 'out' | 'lead' | 'mute' | 'off' | 'inv'
  mark: Mark
  word: Key
}

const bar = (tone: Bar['tone'], mark: Mark, word: Key): Bar => ({ tone, mark, word })

export const BARS: Record<Standing, Bar> = {
  loading: bar('mute', 'ring', 'room.state_loading'),
  disconnected: bar('off', 'stop', 'room.state_disconnected'),
  unsent: bar('out', 'out', 'room.state_unsent'),
  scheduled: bar('mute', 'ring', 'room.state_scheduled'),
  closing: bar('mute', 'half', 'room.state_closing'),
  suspended: bar('mute', 'half', 'room.state_suspended'),
  leading: bar('lead', 'lead', 'room.state_leading'),
  outbid: bar('out', 'out', 'room.state_outbid'),
  ready: bar('lead', 'check', 'room.state_ready'),
  barred: bar('mute', 'ring', 'room.state_barred'),
  watching: bar('mute', 'ring', 'room.state_watching'),
  scoring: bar('mute', 'half', 'room.state_scoring'),
  enter: bar('out', 'out', 'room.state_enter'),
  entered: bar('lead', 'check', 'room.state_entered'),
  take: bar('lead', 'check', 'room.state_take'),
  taken: bar('lead', 'lead', 'room.state_taken'),
  seal: bar('lead', 'check', 'room.state_seal'),
  sealed: bar('lead', 'check', 'room.state_sealed'),
  turn: bar('out', 'out', 'room.state_turn'),
  answer: bar('out', 'out', 'room.state_answer'),
  idle: bar('mute', 'ring', 'room.state_idle'),
  asked: bar('out', 'out', 'room.state_asked'),
  asking: bar('mute', 'half', 'room.state_asking'),
  won: bar('lead', 'check', 'room.state_won'),
  lost: bar('mute', 'end', 'room.state_lost'),
  'over-sold': bar('mute', 'end', 'room.state_over_sold'),
  'over-unsold': bar('mute', 'end', 'room.state_over_unsold'),
  'over-void': bar('mute', 'end', 'room.state_over_void'),
}
