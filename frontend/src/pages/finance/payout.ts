import type { State } from '@/components/states'
import { t, type Key } from '@/i18n'
import type { PayoutAccount } from './shapes'

/** How far a seller's account at the gateway is, in words and shapes. */
export const PAYOUT: Record<PayoutAccount['state'], State> = {
  none: { word: 'payout.state_none', mark: 'end', tone: 'end' },
  opening: { word: 'payout.state_opening', mark: 'clock', tone: 'wait' },
  refused: { word: 'payout.state_refused', mark: 'stop', tone: 'bad' },
  onboarding: { word: 'payout.state_onboarding', mark: 'ring', tone: 'act' },
  in_review: { word: 'payout.state_in_review', mark: 'half', tone: 'wait' },
  restricted: { word: 'payout.state_restricted', mark: 'out', tone: 'act' },
  ready: { word: 'payout.state_ready', mark: 'check', tone: 'ok' },
}

const REASONS: Record<string, Key> = {
  balance_insufficient: 'payout.reason_balance_insufficient',
  insufficient_capabilities_for_transfer: 'payout.reason_insufficient_capabilities_for_transfer',
  resource_missing: 'payout.reason_resource_missing',
  account_invalid: 'payout.reason_account_invalid',
}

/** Why the gateway refused a transfer. */
export function refusalWords(reason: string): string {
  const words = REASONS[reason]
  return words ? t(words) : t('payout.reason_other', { reason })
}
