/** The shapes of the API that the workplace's pages read, as the server writes them. */

export interface NumberCheck {
  valid: boolean
  normalised: string | null
  patent_type: 'invention' | 'utility_model' | 'design' | null
  expected_check: string | null
  problem: { code: string; detail: string } | null
}

export interface Party {
  id: string
  name: string
}

export type Side = 'seller' | 'buyer'

export interface ContractBrief {
  id: string
  contract_no: string
  deal_id: string
  project_name: string
  status: 'signing' | 'in_force'
  is_demonstration: boolean
  seller: Party
  buyer: Party
  price_fen: number
  my_side: Side | null
  signed_sides: Side[]
  can_sign: boolean
  registration: { id: string; status: 'submitted' | 'registered' | 'refused'; registration_no: string | null } | null
  created_at: string
  in_force_at: string | null
}

export interface Section {
  title_zh: string
  title_en: string
  paragraphs_zh: string[]
  paragraphs_en: string[]
  basis: string
}

export const FACTS = ['invention_name', 'applicant_and_owner', 'filing_on', 'application_no', 'patent_no', 'term'] as const
export type PatentFacts = Record<(typeof FACTS)[number], string>

export interface ContractView extends ContractBrief {
  document: {
    contract_no: string
    deal_no: string
    listing_no: string
    title_zh: string
    title_en: string
    drafted_on: string
    is_demonstration: boolean
    seller: { name: string; uscc: string | null }
    buyer: { name: string; uscc: string | null }
    patent_facts: PatentFacts
    price_fen: number
    price_capital: string
    deposit_fen: number
    sections: Section[]
  }
  document_sha256: string
  price_capital: string
  signatures: {
    side: Side
    organisation_id: string
    organisation_name: string
    person_name: string
    document_sha256: string
    signed_at: string
  }[]
}

export interface Check {
  key: string
  fact_zh: string
  fact_en: string
  outcome: 'pass' | 'fail' | 'look'
}

export interface ReviewCheck extends Check {
  name_zh?: string
  name_en?: string
  basis_zh: string
  basis_en: string
}

export interface RegistrarCheck extends Check {
  basis: string
}

export interface RegistrationBrief {
  id: string
  contract_id: string
  contract_no: string
  project_name: string
  is_demonstration: boolean
  seller_name: string
  buyer_name: string
  applicant_id: string
  contract_type: string
  subtype: string
  type_zh: string
  type_en: string
  total_fen: number
  tech_fen: number
  price_fen: number
  tech_field: string
  status: 'submitted' | 'registered' | 'refused'
  registration_no: string | null
  registration_no_shown: string | null
  reason_code: string | null
  reason_zh: string | null
  reason_en: string | null
  reason: string | null
  created_at: string
  decided_at: string | null
}

export interface RegistrationView extends RegistrationBrief {
  decided_by_name: string | null
  checks: RegistrarCheck[]
  certificate: {
    verification_code: string
    verification_code_shown: string
    is_ready: boolean
    sha256: string | null
    issued_at: string
  } | null
}

export interface Word {
  code: string
  zh: string
  en: string
}

export interface Choices {
  kinds: (Word & { subtypes: Word[] })[]
  tech_fields: Word[]
  reasons: (Word & { basis: string })[]
}

export interface Member {
  id: string
  organisation_id: string
  login: string
  name: string
  is_active: boolean
  roles: string[]
}

export interface Token {
  id: string
  name: string
  prefix: string
  scopes: string[]
  created_at: string
  expires_at: string | null
  revoked_at: string | null
  used_at: string | null
}

export interface NewToken extends Token {
  token: string
}

export interface AuditRecord {
  id: string
  at: string
  person_id: string | null
  person_name: string | null
  organisation_id: string | null
  organisation_name: string | null
  action: string
  subject_kind: string
  subject_id: string
  detail: Record<string, unknown>
}

export interface Sale {
  id: string
  listing_id: string
  listing_no: string
  title: string
  seller_name: string
  is_demonstration: boolean
  status: 'scheduled' | 'open' | 'sold' | 'unsold'
  start_price_fen: number
  price_fen: number | null
  leader_code: string | null
  bid_count: number
  bidder_count: number
  opens_at: string
  ends_at: string
  extension_count: number
}

export type IntentStatus = 'submitted' | 'qualified' | 'rejected' | 'admitted' | 'won' | 'lost'
export type DepositStatus = 'due' | 'held' | 'released' | 'captured' | 'cancelled'

export interface IntentView {
  id: string
  status: IntentStatus
  listing: {
    id: string
    listing_no: string
    title: string
    status: string
    is_demonstration: boolean
    start_price_fen: number
    deposit_fen: number
    opens_at: string
    auction_id: string | null
  }
  auction: { id: string; status: Sale['status']; ends_at: string } | null
  buyer: { id: string; name: string; kind: string }
  rules_sha256: string
  reason: string | null
  deposit: { id: string; amount_fen: number; status: DepositStatus; reference: string } | null
  bidder_code: string | null
  created_at: string
  decided_at: string | null
  admitted_at: string | null
}

export interface DepositView {
  id: string
  status: DepositStatus
  amount_fen: number
  amount_capital: string
  reference: string
  listing: { id: string; listing_no: string; title: string; is_demonstration: boolean }
  party: Party
  pay_to: { account_name: string; bank: string; account_number: string; remark: string }
  due_by: string
  created_at: string
  held_at: string | null
  settled_at: string | null
  receipt: {
    id: string
    amount_fen: number
    payer_name: string
    bank_reference: string
    received_on: string
    recorded_by_name: string
    recorded_at: string
  } | null
}

export type AccountKind = 'bank' | 'deposit_held' | 'refund_due' | 'price_escrow'

export interface LedgerEntry {
  account_id: string
  account_kind: AccountKind
  party_name: string | null
  amount_fen: number
}

export interface LedgerTransfer {
  id: string
  kind: 'deposit_received' | 'deposit_released' | 'deposit_captured'
  deposit_id: string
  deposit_reference: string
  at: string
  person_name: string | null
  entries: LedgerEntry[]
}

export interface LedgerAccount {
  id: string
  kind: AccountKind
  party_name: string | null
  debit_fen: number
  credit_fen: number
  balance_fen: number
}

/** The confirmation as the server fixed and hashed it. */
export interface Confirmation {
  deal_no: string
  exchange: string | null
  is_demonstration: boolean
  listing: { listing_no: string; title: string; rights: string; encumbrances: string }
  patent: { application_no: string; patent_no: string | null; title: string; filing_on: string; expires_on: string; applicant: string | null }
  seller: { name: string; uscc: string | null }
  buyer: { name: string; uscc: string | null }
  bidder_code: string | null
  method_zh: string
  method_en: string
  start_price_fen: number
  price_fen: number
  price_capital: string
  deposit_fen: number
  remaining_fen: number
  bids: number
  bidders: number
  closed_at: string
  confirmed_at: string
  rules_sha256: string
  record: { auction_id: string; number: number; head_sha256: string }
}

export interface DealView {
  id: string
  deal_no: string
  listing: { id: string; listing_no: string; title: string; is_demonstration: boolean }
  auction_id: string
  seller: Party
  buyer: Party
  my_side: Side | null
  price_fen: number
  price_capital: string
  deposit_fen: number
  deposit_status: DepositStatus
  remaining_fen: number
  confirmed_at: string
  confirmation: Confirmation
  confirmation_sha256: string
}
