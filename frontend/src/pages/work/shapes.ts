/** The shapes that the workplace's pages read, by short names. All come from the generated schema. */
import type { components } from '@/api/schema'

type Schemas = components['schemas']

export type NumberCheck = Schemas['NumberCheckOut']
export type ContractBrief = Schemas['ContractBriefOut']
export type ContractView = Schemas['ContractOut']
export type Section = Schemas['SectionOut']
export type Side = ContractView['signatures'][number]['side']
export type RegistrationView = Schemas['RegistrationOut']
export type RegistrationBrief = Omit<RegistrationView, 'checks' | 'certificate' | 'decided_by_name'>
export type Choices = Schemas['ChoicesOut']
export type ReviewChecks = Schemas['ChecksOut']
export type Member = Schemas['PersonOut']
export type Token = Schemas['TokenOut']
export type NewToken = Schemas['NewTokenOut']
export type AuditRecord = Schemas['AuditRecordOut']
export type IntentView = Schemas['IntentOut']
export type DepositView = Schemas['DepositOut']
export type CardPayment = Schemas['CardPaymentOut']
export type DepositStatus = DepositView['status']
export type Sale = Schemas['SaleOut']
export type LedgerTransfer = Schemas['LedgerTransferOut']
export type LedgerAccount = Schemas['LedgerAccountOut']

/** The six facts of Civil Code article 845, in the order of the article. */
export const FACTS = ['invention_name', 'applicant_and_owner', 'filing_on', 'application_no', 'patent_no', 'term'] as const satisfies readonly (keyof Schemas['PatentFactsOut'])[]

/** The confirmation as the server fixed and hashed it; the schema leaves its inside open. */
export interface Confirmation {
  exchange: string | null
  is_demonstration: boolean
  listing: { listing_no: string; title: string; rights: string; encumbrances: string }
  /** Only where a licence was sold. */
  licence?: { kind: string; territory: string; field: string; starts_on: string; ends_on: string; sublicence: boolean } | null
  patent: { application_no: string; title: string }
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
  record: { auction_id: string; number: number; head_sha256: string } | null
  agreed: { replaces_deal_no?: string } | null
  consortium?: { id: string; name: string; share_bp: number; is_lead: boolean }[]
}

export type DealView = Omit<Schemas['DealOut'], 'confirmation'> & { confirmation: Confirmation }
