import type { AuctionStatus, ContractStatus, DepositStatus, IntentStatus, ListingStatus, RegistrationStatus } from '@/api/types'
import type { Key } from '@/i18n'
import type { Mark, Tone } from './marks'

export interface State {
  word: Key
  mark: Mark
  tone: Tone
}

const state = (word: Key, mark: Mark, tone: Tone): State => ({ word, mark, tone })

/** One table of words and shapes for everything that has a state (look.md section 6). */
export const LISTING: Record<ListingStatus, State> = {
  draft: state('common.listing_draft', 'ring', 'wait'),
  in_review: state('common.listing_in_review', 'ring', 'wait'),
  returned: state('common.listing_returned', 'out', 'act'),
  accepted: state('common.listing_accepted', 'half', 'live'),
  listed: state('common.listing_listed', 'half', 'live'),
  suspended: state('common.listing_suspended', 'half', 'wait'),
  sold: state('common.listing_sold', 'check', 'ok'),
  unsold: state('common.listing_unsold', 'end', 'end'),
  terminated: state('common.listing_terminated', 'end', 'end'),
}

export const AUCTION: Record<AuctionStatus, State> = {
  scheduled: state('common.auction_scheduled', 'ring', 'wait'),
  open: state('common.auction_open', 'half', 'live'),
  sold: state('common.auction_sold', 'check', 'ok'),
  suspended: state('common.auction_suspended', 'half', 'wait'),
  unsold: state('common.auction_unsold', 'end', 'end'),
  void: state('common.auction_void', 'end', 'end'),
}

export const EXTENDED: State = state('common.auction_extended', 'clock', 'soon')

export const INTENT: Record<IntentStatus, State> = {
  submitted: state('common.intent_submitted', 'ring', 'wait'),
  qualified: state('common.intent_qualified', 'ring', 'act'),
  rejected: state('common.intent_rejected', 'end', 'end'),
  paid: state('common.intent_paid', 'check', 'ok'),
  admitted: state('common.intent_admitted', 'check', 'ok'),
  won: state('common.intent_won', 'check', 'mine'),
  lost: state('common.intent_lost', 'end', 'end'),
  withdrawn: state('common.intent_withdrawn', 'end', 'end'),
}

export const DEPOSIT: Record<DepositStatus, State> = {
  due: state('common.deposit_due', 'ring', 'act'),
  held: state('common.deposit_held', 'check', 'ok'),
  released: state('common.deposit_released', 'end', 'end'),
  captured: state('common.deposit_captured', 'check', 'ok'),
  forfeited: state('common.deposit_forfeited', 'stop', 'bad'),
  lapsed: state('common.deposit_lapsed', 'stop', 'bad'),
  cancelled: state('common.deposit_cancelled', 'end', 'end'),
}

export const CONTRACT: Record<ContractStatus, State> = {
  signing: state('common.contract_signing', 'half', 'live'),
  in_force: state('common.contract_in_force', 'check', 'ok'),
}

export const REGISTRATION: Record<RegistrationStatus, State> = {
  submitted: state('common.registration_submitted', 'ring', 'wait'),
  registered: state('common.registration_registered', 'check', 'ok'),
  refused: state('common.registration_refused', 'end', 'end'),
}
