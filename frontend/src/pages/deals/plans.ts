import type { components } from '@/api/schema'

type Schemas = components['schemas']
export type Settlement = Schemas['SettlementOut']
export type Payable = Schemas['PayableOut']
export type Royalty = Schemas['RoyaltyOut']
export type Terms = Schemas['RoyaltyTermsWire']
export type Announced = Schemas['AnnouncedPlanOut']
export type Period = Schemas['RoyaltyPeriodOut']
export type Kind = Settlement['kind']

export const WITH_ROYALTY: readonly Kind[] = ['royalty', 'entry_fee_plus_royalty']
export const WITH_PARTS: readonly Kind[] = ['instalments', 'deferred', 'staged']
export const WITH_CONDITIONS: readonly Kind[] = ['deferred', 'staged']

export interface RoyaltyDraft {
  base: Terms['base']
  rate: number | null
  period_months: Terms['period_months']
  periods: number | null
  lead_months: number | null
  report_days: number | null
  pay_days: number | null
  minimum_fen: number | null
  cap_fen: number | null
  may_inspect: boolean
}

export const newRoyalty = (): RoyaltyDraft => ({
  base: 'sales', rate: null, period_months: 6, periods: 10, lead_months: 0, report_days: 30, pay_days: 10, minimum_fen: null, cap_fen: null, may_inspect: true,
})

/** A draft as it travels; null while a number that is needed is missing. */
export function royaltyOf(draft: RoyaltyDraft): Terms | null {
  const { rate, periods, report_days, pay_days } = draft
  if (rate === null || periods === null || report_days === null || pay_days === null) return null
  return {
    base: draft.base, rate_bp: Math.round(rate * 100), period_months: draft.period_months, periods, lead_months: draft.lead_months ?? 0, report_days, pay_days,
    minimum_fen: draft.minimum_fen ?? 0, cap_fen: draft.cap_fen, may_inspect: draft.may_inspect,
  }
}

export function draftOf(terms: Terms): RoyaltyDraft {
  return { ...terms, rate: terms.rate_bp / 100, minimum_fen: terms.minimum_fen || null, cap_fen: terms.cap_fen ?? null }
}

/** What may be chosen for a deal: what was announced alone, else what is agreed to freely, else what the regime allows. */
export function choicesOf(method: string, announced: Announced): Kind[] {
  if (method === 'negotiated') return announced.allowed
  if (announced.kind !== 'one_off') return [announced.kind]
  return announced.allowed.filter((kind) => kind === 'one_off' || kind === 'instalments')
}

export interface AgreedPart { share_bp: number; due_days: number }

/** The instalments that a deal's accepted offer agreed on, none where it is paid in one sum. */
export function agreedParts(deal: { confirmation: object }): AgreedPart[] {
  const { agreed } = deal.confirmation as { agreed?: { payment_plan?: { instalments?: AgreedPart[] } } | null }
  return agreed?.payment_plan?.instalments ?? []
}
