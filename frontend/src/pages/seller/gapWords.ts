import { t } from '@/i18n'
import type { DraftField, Gap } from './listingDraft'

/** A gap in words, for the list and for the line beside the buttons. */
export function gapWords(gap: Gap): string {
  if (gap.reason === 'notice_order') return t('way.gap_notice_order')
  if (gap.field === 'notice_ends_at') return t(gap.reason === 'past' ? 'seller.gap_past' : 'way.gap_notice_ends_at')
  if (gap.reason === 'licence_order') return t('licence.gap_licence_order')
  if (gap.reason === 'not_public') return t('rights.gap_not_public')
  if (isDeclaredField(gap.field)) return t(`rights.gap_${gap.field}`)
  if (isLicenceField(gap.field)) return t(`licence.gap_${gap.field}`)
  if (gap.reason === 'missing') return t(`seller.gap_${gap.field}`)
  if (gap.reason === 'above_start') return t('seller.gap_above_start', { name: gap.field === 'step_fen' ? t('seller.step') : t('seller.deposit') })
  return t(`seller.gap_${gap.reason}`)
}

const DECLARED_FIELDS = ['rights_declared', 'secrecy_reviewer', 'secrecy_on', 'secrecy_result'] as const

function isDeclaredField(field: DraftField): field is (typeof DECLARED_FIELDS)[number] {
  return (DECLARED_FIELDS as readonly string[]).includes(field)
}

const LICENCE_FIELDS = ['territory', 'licence_from', 'licence_to', 'sublicence'] as const

function isLicenceField(field: DraftField): field is (typeof LICENCE_FIELDS)[number] {
  return (LICENCE_FIELDS as readonly string[]).includes(field)
}

export const anchorOf = (field: DraftField): string => `field-${field}`

/** Brings a field into view and puts the cursor in it. */
export function goTo(field: DraftField): void {
  const place = document.getElementById(anchorOf(field))
  place?.scrollIntoView({ block: 'center' })
  place?.querySelector<HTMLElement>('input, textarea, select, button')?.focus({ preventScroll: true })
}
