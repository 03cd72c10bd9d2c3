import type { State } from '@/components/states'
import { t } from '@/i18n'
import { daysUntil } from './verdict'
import type { LineStatus, Order, OrderStatus, Release } from './shapes'

export const LINE: Record<LineStatus, State> = {
  open: { word: 'finance.tab_open', mark: 'ring', tone: 'act' },
  held: { word: 'finance.tab_held', mark: 'half', tone: 'wait' },
  matched: { word: 'finance.tab_matched', mark: 'check', tone: 'ok' },
  returned: { word: 'finance.tab_returned', mark: 'end', tone: 'end' },
}

const ORDER: Record<Exclude<OrderStatus, 'pending'>, State> = {
  approved: { word: 'finance.os_approved', mark: 'half', tone: 'live' },
  exported: { word: 'finance.os_exported', mark: 'clock', tone: 'wait' },
  executed: { word: 'finance.os_executed', mark: 'check', tone: 'ok' },
  failed: { word: 'finance.os_failed', mark: 'stop', tone: 'bad' },
  cancelled: { word: 'finance.os_cancelled', mark: 'end', tone: 'end' },
}

/** An order asks this viewer to act only where his approval is the one that is missing. */
export function orderState(one: Pick<Order, 'status' | 'first_name' | 'is_first_mine'>): State {
  if (one.status !== 'pending') return ORDER[one.status]
  if (one.first_name === null) return { word: 'finance.os_first', mark: 'ring', tone: 'act' }
  return { word: 'finance.os_second', mark: 'half', tone: one.is_first_mine ? 'wait' : 'act' }
}

export const RELEASE: Record<Release['status'], State> = {
  requested: { word: 'finance.r_requested', mark: 'half', tone: 'act' },
  approved: { word: 'finance.r_approved', mark: 'check', tone: 'ok' },
  rejected: { word: 'finance.r_rejected', mark: 'end', tone: 'end' },
}

export function dueWords(day: string, today: string): string {
  const left = daysUntil(day, today)
  if (left === 0) return t('finance.due_today')
  return left > 0 ? t('finance.due_left', { n: left }) : t('finance.due_past', { n: -left })
}
