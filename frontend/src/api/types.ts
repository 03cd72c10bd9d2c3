/** The shapes of the API, named as the pages use them. */
import type { Problem } from './client'

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}

export interface DemoAccount {
  login: string
  password: string
  role_zh: string
  role_en: string
  organisation: string
}

export interface Market {
  name_zh: string
  name_en: string
  is_demonstration: boolean
  server_time: string
  demo_accounts: DemoAccount[]
  boards: string[]
}

export type Role =
  | 'admin' | 'seller' | 'bidder' | 'signatory'
  | 'reviewer' | 'host' | 'finance' | 'registrar' | 'supervisor'

export type OrganisationKind = 'university' | 'institute' | 'company' | 'inventor' | 'exchange'

export interface Person {
  id: string
  name: string
  login: string
  roles: Role[]
  permissions: string[]
}

export interface Organisation {
  id: string
  name: string
  kind: OrganisationKind
  uscc?: string | null
  region_code?: string | null
  is_fictional?: boolean
}

export interface SignIn {
  person: Person
  organisation: Organisation
  csrf_token: string | null
}

export type PatentType = 'invention' | 'utility_model' | 'design'

export interface Patent {
  id: string
  application_no: string
  patent_no: string | null
  title: string
  patent_type: PatentType
  filing_on: string
  ipc_main: string | null
  applicant: string | null
  owner_organisation_id: string | null
  marks: string[]
}

export interface PatentNumberCheck {
  normalised: string | null
  valid: boolean
  patent_type: PatentType | null
  expected_check: string | null
}

export interface PatentImport {
  id: string
  status: string
  total: number | null
  done: number
  accepted: number
  unchanged: number
  refused: number
  filename: string
}

export type ListingStatus = 'draft' | 'in_review' | 'returned' | 'accepted' | 'listed' | 'sold' | 'unsold'
export type AuctionStatus = 'scheduled' | 'open' | 'sold' | 'unsold'

export interface Listing {
  id: string
  listing_no: string
  board: string
  status: ListingStatus
  is_demonstration: boolean
  title: string
  seller: { id: string; name: string; kind: OrganisationKind }
  patent: Patent
  rights: string
  description: string
  encumbrances: string
  start_price_fen: number
  step_fen: number
  deposit_fen: number
  has_reserve: boolean
  reserve_price_fen: number | null
  opens_at: string
  closes_at: string
  hard_end_at: string | null
  trigger_seconds: number
  extension_seconds: number
  auction_id: string | null
  review_reason: string | null
  created_at: string
  submitted_at: string | null
  published_at: string | null
  auction: { status: AuctionStatus; price_fen: number | null; bid_count: number; ends_at: string } | null
}

export interface ReviewCheck {
  key: string
  fact_zh: string
  fact_en: string
  basis: string
  outcome: 'pass' | 'fail' | 'look'
}

export type IntentStatus = 'submitted' | 'qualified' | 'rejected' | 'admitted' | 'won' | 'lost'

export interface Intent {
  id: string
  listing_id: string
  buyer_id: string
  status: IntentStatus
  rules_sha256: string
  reason: string | null
  deposit_id: string | null
  bidder_code: string | null
  created_at: string
}

export type DepositStatus = 'due' | 'held' | 'released' | 'captured'

export interface Deposit {
  id: string
  party_id: string
  listing_id: string
  amount_fen: number
  status: DepositStatus
  reference: string
  created_at: string
  held_at: string | null
  settled_at: string | null
}

export interface Deal {
  id: string
  deal_no: string
  listing_id: string
  auction_id: string
  seller_id: string
  buyer_id: string
  price_fen: number
  deposit_id: string
  confirmed_at: string
  confirmation_sha256: string
}

export interface AuctionMe {
  bidder_code: string | null
  can_bid: boolean
  why_not: Problem | null
  leading: boolean
  deposit_fen: number
  my_highest_fen: number | null
}

export interface AuctionSnapshot {
  id: string
  listing_id: string
  listing_no: string
  title: string
  seller_name: string
  is_demonstration: boolean
  status: AuctionStatus
  start_price_fen: number
  step_fen: number
  price_fen: number | null
  leader_code: string | null
  minimum_fen: number
  bid_count: number
  bidder_count: number
  opens_at: string
  ends_at: string
  hard_end_at: string | null
  extension_count: number
  trigger_seconds: number
  extension_seconds: number
  has_reserve: boolean
  reserve_met: boolean | null
  epoch: number
  number: number
  head_hash: string
  deposit_fen: number
  server_time: string
  me: AuctionMe | null
  result: { outcome: string; price_fen: number | null; winner_code: string | null } | null
}

export interface AuctionEvent {
  number: number
  kind: string
  at: string
  body: Record<string, unknown>
  hash: string
}

export interface AuctionRules {
  sha256: string
  sentences: { zh: string[]; en: string[] }
}

export type BidAnswer =
  | {
      bid_id: string
      ok: true
      number: number
      amount_fen: number
      official_at: string
      received_at: string
      ends_at: string
      epoch: number
    }
  | { bid_id: string; ok: false; problem: Problem }

export interface Contract {
  id: string
  contract_no: string
  deal_id: string
  seller_id: string
  buyer_id: string
  document_sha256: string
  status: 'signing' | 'in_force'
  created_at: string
  in_force_at: string | null
  sections: { title_zh: string; title_en: string; paragraphs: string[] }[]
  patent_facts: unknown
  price_fen: number
  price_capital: string
  signatures: Signature[]
}

export interface Signature {
  side: 'seller' | 'buyer'
  organisation_id: string
  person_id: string
  document_sha256: string
  signed_at: string
}

export interface Registration {
  id: string
  contract_id: string
  applicant_id: string
  contract_type: string
  subtype: string
  total_fen: number
  tech_fen: number
  tech_field: string
  status: 'submitted' | 'registered' | 'refused'
  registration_no: string | null
  reason: string | null
  decided_by: string | null
  decided_at: string | null
}

/** A sale as the hall lists it; prices_fen are its accepted amounts in their order. */
export interface Sale {
  id: string
  listing_id: string
  listing_no: string
  title: string
  seller_name: string
  is_demonstration: boolean
  status: AuctionStatus
  start_price_fen: number
  price_fen: number | null
  leader_code: string | null
  bid_count: number
  bidder_count: number
  opens_at: string
  ends_at: string
  extension_count: number
  trigger_seconds: number
  prices_fen: number[]
}

/** What the register says; by number alone the buyer's name, the code and the file are not told. */
export interface CertificateView {
  status: 'submitted' | 'registered' | 'refused'
  is_valid: boolean
  registration_no: string
  registration_no_shown: string
  verification_code: string | null
  verification_code_shown: string | null
  title: string
  contract_no: string
  contract_type: string
  subtype: string
  type_zh: string
  type_en: string
  tech_field: string
  application_no: string
  patent_no: string
  seller_name: string
  buyer_name: string | null
  signed_on: string
  total_fen: number
  total_capital: string
  tech_fen: number
  tech_capital: string
  office_name: string
  registrar_name: string
  registered_on: string
  registered_at: string
  issued_at: string
  document_sha256: string
  sha256: string | null
  is_demonstration: boolean
  checks: CertificateCheck[]
  checked_at: string
}

export interface CertificateCheck {
  key: string
  fact_zh: string
  fact_en: string
  basis: string
  outcome: 'pass' | 'fail' | 'look'
}

export type ContractStatus = Contract['status']
export type RegistrationStatus = Registration['status']
