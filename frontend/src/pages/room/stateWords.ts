import type { AuctionSnapshot } from '@/api/types'
import { pick, several, t } from '@/i18n'
import { bodyIn, countIn, textIn } from '@/live/read_body'
import { yuan, yuanShort } from '@/money'
import { clock, dateTime } from '@/time'
import { familyOf } from './family'
import { nextLimit } from './ladder'
import type { Standing } from './standing'

/** The one sentence of the state bar: why I am what I am, and until when. */
export interface Telling {
  sale: AuctionSnapshot
  place: Standing
  refusal: string | null
  hasSound: boolean
  nowMs: number
}

const moment = (iso: string, nowMs: number): string => (Math.abs(Date.parse(iso) - nowMs) > 72_000_000 ? dateTime(iso, nowMs) : clock(iso))

export function whyWords({ sale, place, refusal, hasSound, nowMs }: Telling): string {
  const time = moment(sale.ends_at, nowMs)
  const amount = yuan(sale.price_fen ?? 0)
  switch (place) {
    case 'unsent': return refusal ?? ''
    case 'scheduled': return t('room.why_scheduled', { time: dateTime(sale.opens_at, nowMs) })
    case 'suspended': return suspendedWords(sale, nowMs)
    case 'leading': return t('room.why_leading', { sound: hasSound ? t('room.why_leading_sound') : '' })
    case 'outbid': return outbidWords(sale, amount)
    case 'barred': return sale.me?.why_not?.detail ?? t('room.guest_text')
    case 'enter': return t('room.why_enter', { time })
    case 'entered': return t('room.why_entered', { time })
    case 'take': return t(sale.format === 'dutch' ? 'room.why_take' : 'room.why_take_hybrid')
    case 'taken': return t(sale.stage === 'sealed' ? 'room.why_taken_hybrid' : 'room.why_taken', { amount, time })
    case 'seal': return t('room.why_seal', { time })
    case 'sealed': return sealedWords(sale, time, nowMs)
    case 'turn': return t('room.why_turn', { time })
    case 'answer': return answerWords(sale, time)
    case 'idle': return idleWords(sale, time)
    case 'asked': return t('room.why_asked', { amount, time })
    case 'asking': return t('room.why_asking', { time })
    case 'closing': case 'ready': case 'watching': case 'scoring': return t(`room.why_${place}`)
    default: return endWords(sale, place)
  }
}

function outbidWords(sale: AuctionSnapshot, amount: string): string {
  const code = sale.leader_code ?? ''
  const maximum = countIn(sale.me?.own ?? {}, 'maximum_fen')
  return maximum === null ? t('room.why_outbid', { code, amount }) : t('room.why_outbid_maximum', { code, amount, maximum: yuan(maximum) })
}

export function suspendedWords(sale: AuctionSnapshot, nowMs: number): string {
  const told = sale.suspension
  return told ? t('room.why_suspended', { time: moment(told.at, nowMs), reason: pick(told.reason_zh, told.reason_en) }) : ''
}

function sealedWords(sale: AuctionSnapshot, time: string, nowMs: number): string {
  const mine = bodyIn(sale.me?.own ?? {}, 'envelope')
  const at = mine ? moment(textIn(mine, 'at') ?? '', nowMs) : ''
  return t(sale.options.one_shot === true ? 'room.why_sealed_final' : 'room.why_sealed', { at, time })
}

function answerWords(sale: AuctionSnapshot, time: string): string {
  const round = countIn(sale.detail ?? {}, 'round')
  if (round === null) return t('room.why_answer_best', { time })
  return t('room.why_answer_round', { round, amount: yuan(countIn(sale.detail ?? {}, 'round_fen') ?? 0) })
}

export function idleWords(sale: AuctionSnapshot, time: string): string {
  const detail = sale.detail ?? {}
  const family = familyOf(sale.format)
  if (sale.stage === 'entry') return t('room.why_idle_entry')
  if (sale.stage === 'limited') return t('room.why_idle_limited')
  if (sale.stage === 'extra') return t('room.why_idle_tied', { codes: Array.isArray(detail.tied) ? several(detail.tied) : '' })
  if (sale.stage === 'best') return t('room.why_idle_best', { code: textIn(bodyIn(detail, 'taken') ?? {}, 'bidder') ?? '' })
  if (family === 'raise' && sale.stage === 'pause') {
    return t('room.why_idle_pause', { round: countIn(detail, 'round') ?? 1, time, amount: yuan(countIn(detail, 'round_fen') ?? 0) })
  }
  const begins = textIn(sale.me?.own ?? {}, 'turn_begins_at')
  if (family === 'rounds' && begins) return t('room.why_idle_begins', { time: clock(begins) })
  const whose = textIn(detail, 'whose')
  return family === 'rounds' && whose ? t('room.why_idle_turn', { code: whose }) : t('room.why_idle')
}

function endWords(sale: AuctionSnapshot, place: Standing): string {
  const record = sale.result?.record ?? {}
  const amount = yuan(sale.result?.price_fen ?? 0)
  const code = sale.result?.winner_code ?? sale.leader_code ?? ''
  if (place === 'won') return t('room.why_won', { amount })
  if (place === 'lost') return t('room.why_lost', { code, amount })
  if (place === 'over-sold') return t('room.why_over_sold', { code, amount })
  if (place === 'over-void') return pick(textIn(record, 'reason_zh') ?? '', textIn(record, 'reason_en') ?? '')
  return unsoldWords(sale)
}

export function unsoldWords(sale: AuctionSnapshot): string {
  const reason = sale.result?.reason
  if (reason === 'too_few_bidders') return t('room.why_over_few', { least: sale.min_bidders })
  if (reason === 'all_rejected') return t('room.why_over_rejected')
  if (reason === 'reserve_not_met' && sale.price_fen !== null) return t('room.why_over_reserve', { amount: yuan(sale.price_fen) })
  return t(reason === 'reserve_not_met' ? 'room.why_over_reserve_sealed' : 'room.why_over_none')
}

/** What takes the lead, at the right end of the bar. */
export function nextWords(sale: AuctionSnapshot, place: Standing): string {
  const limit = nextLimit(sale)
  if (limit === null || familyOf(sale.format) !== 'open' || !['outbid', 'unsent', 'ready'].includes(place)) return ''
  const amount = `¥${yuanShort(limit)}`
  const word = sale.price_fen === null ? 'room.next_first' : 'room.next_lead'
  return t(sale.direction === 'reverse' ? `${word}_reverse` : word, { amount })
}
