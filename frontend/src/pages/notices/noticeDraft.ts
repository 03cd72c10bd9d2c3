import type { components } from '@/api/schema'
import type { Notice } from './words'

type NoticeIn = components['schemas']['NoticeIn']

/** What the form holds: texts as typed, the price in fen, names one a line. */
export interface NoticeDraft {
  listing_id: string
  achievement_name: string
  price_fen: number | null
  transferee_id: string | null
  transferee_uscc: string
  transfer_mode: NonNullable<NoticeIn['transfer_mode']>
  abstract: string
  payment_terms: string
  pricing_basis: string
  is_related: boolean
  relation: string
  involved: string
  posted_at_unit: string
  objection_channel: string
  objection_procedure: string
  is_cleared: boolean
  on_market: boolean
  days: string
  unit: 'day' | 'working_day' | 'second'
}

export function emptyDraft(): NoticeDraft {
  return {
    listing_id: '', achievement_name: '', price_fen: null, transferee_id: null, transferee_uscc: '', transfer_mode: 'assign', abstract: '',
    payment_terms: '', pricing_basis: '', is_related: false, relation: '', involved: '', posted_at_unit: '', objection_channel: '',
    objection_procedure: '', is_cleared: false, on_market: true, days: '', unit: 'day',
  }
}

/** A notice as the form shows it; its period stays unless another one is typed. */
export function draftOf(notice: Notice): NoticeDraft {
  return {
    ...emptyDraft(), listing_id: notice.listing_id, achievement_name: notice.achievement_name, price_fen: notice.price_fen,
    transferee_id: notice.transferee_id, transfer_mode: notice.transfer_mode, abstract: notice.abstract, payment_terms: notice.payment_terms,
    pricing_basis: notice.pricing_basis, is_related: notice.is_related, relation: notice.relation, involved: notice.involved.join('\n'),
    posted_at_unit: notice.posted_at_unit, objection_channel: notice.objection_channel, objection_procedure: notice.objection_procedure,
    is_cleared: notice.is_cleared, on_market: notice.on_market, days: String(notice.period.count), unit: notice.period.unit,
  }
}

/** A typed credit code names another transferee than the one that stands. */
export function isComplete(draft: NoticeDraft): boolean {
  const hasTransferee = draft.transferee_id !== null || draft.transferee_uscc.trim() !== ''
  return draft.listing_id !== '' && draft.achievement_name.trim() !== '' && draft.price_fen !== null && draft.price_fen > 0 && hasTransferee && /^\d*$/.test(draft.days.trim())
}

/** What is sent; an empty period leaves it to the jurisdiction's least. */
export function bodyOf(draft: NoticeDraft): NoticeIn {
  const code = draft.transferee_uscc.trim()
  const days = Number(draft.days.trim() || '0')
  return {
    achievement_name: draft.achievement_name.trim(), price_fen: draft.price_fen ?? 0, transferee_id: code ? null : draft.transferee_id,
    transferee_uscc: code || null, transfer_mode: draft.transfer_mode, abstract: draft.abstract, payment_terms: draft.payment_terms,
    pricing_basis: draft.pricing_basis, is_related: draft.is_related, relation: draft.relation,
    involved: draft.involved.split('\n').map((name) => name.trim()).filter((name) => name !== ''), posted_at_unit: draft.posted_at_unit,
    objection_channel: draft.objection_channel, objection_procedure: draft.objection_procedure, is_cleared: draft.is_cleared,
    on_market: draft.on_market, period: days > 0 ? { count: days, unit: draft.unit } : null,
  }
}
