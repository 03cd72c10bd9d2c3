import type { AuctionSnapshot } from '@/api/types'
import { formatKey } from '@/components/formatWords'
import { lang, t } from '@/i18n'
import { clock, countdown, dateTime, fullDate } from '@/time'
import { clockPrice } from './dutch'
import { isEnded, SCORING_STAGE } from './standing'

/** The countdown of whatever runs now: a stage, a tick of the price clock, a suspended clock that stands still. */
export interface Countdown {
  caption: string
  digits: string
  /** What the digits lead to, or the moment itself once it is over. */
  target: string
  endWords: string
  isNear: boolean
  isOver: boolean
  /** Digits that are words need a smaller size. */
  isLong: boolean
}

const NEAR_MS = 300_000
const MANY = 8

export function countdownOf(sale: AuctionSnapshot, nowMs: number, isApprox: boolean): Countdown {
  const isOver = isEnded(sale)
  if (isOver) return { caption: t('format.clock_over'), digits: clock(sale.ends_at), target: sale.ends_at, endWords: fullDate(sale.ends_at), isNear: false, isOver, isLong: true }
  if (sale.status === 'suspended' && sale.suspension) return stoodStill(sale)
  if (sale.stage === SCORING_STAGE) return { caption: t('format.clock_scoring'), digits: t('format.clock_waiting'), target: sale.ends_at, endWords: '', isNear: false, isOver: false, isLong: true }
  const price = clockPrice(sale, nowMs)
  const isScheduled = sale.status === 'scheduled'
  const target = isScheduled ? sale.opens_at : price?.nextAt != null ? new Date(price.nextAt).toISOString() : sale.ends_at
  const left = Date.parse(target) - nowMs
  const time = countdown(left, lang.value)
  const digits = isApprox ? t('room.approx', { time }) : time
  const moment = Math.abs(left) > 72_000_000 ? dateTime(target, nowMs) : clock(target)
  return {
    caption: isScheduled ? t('format.clock_to_open') : captionOf(sale, left, price !== null && price.nextAt === null),
    digits, target, isOver,
    endWords: t(isScheduled ? 'format.clock_opens' : sale.stage === '' ? 'format.clock_ends' : 'format.clock_until', { time: moment }),
    // Every tick of a price clock is near; what is told loudly is that the sale itself may end.
    isNear: !isScheduled && Date.parse(sale.ends_at) - nowMs <= NEAR_MS,
    isLong: left >= 86_400_000 || digits.length > MANY,
  }
}

function captionOf(sale: AuctionSnapshot, left: number, isLastPrice: boolean): string {
  if (isLastPrice) return t('format.clock_last')
  if (sale.stage === '') return t(sale.extension_count > 0 && left <= NEAR_MS ? 'format.clock_extended' : 'format.clock_to_end')
  return t(formatKey(`format.clock_${sale.stage}`, 'format.clock_to_end'))
}

function stoodStill(sale: AuctionSnapshot): Countdown {
  const at = sale.suspension?.at ?? sale.ends_at
  const time = countdown(Date.parse(sale.ends_at) - Date.parse(at), lang.value)
  return {
    caption: t('format.clock_suspended'), digits: time, target: sale.ends_at, isNear: false, isOver: false,
    endWords: t('format.clock_stopped_at', { time: clock(at) }), isLong: time.length > MANY,
  }
}
