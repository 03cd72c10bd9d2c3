/** The shapes of the API by the names that pages use. All come from the generated schema: a renamed field fails the build. */
import type { Problem } from './client'
import type { components } from './schema'

type Schemas = components['schemas']

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}

export type Market = Schemas['MarketOut']
export type DemoAccount = Schemas['DemoAccountOut']

export type Role =
  | 'admin' | 'seller' | 'bidder' | 'signatory'
  | 'reviewer' | 'host' | 'finance' | 'registrar' | 'supervisor'

export type OrganisationKind = 'university' | 'institute' | 'company' | 'inventor' | 'exchange'

export interface Person extends Omit<Schemas['SignedInPerson'], 'roles'> {
  roles: Role[]
}
export interface Organisation extends Omit<Schemas['OrganisationOut'], 'kind'> {
  kind: OrganisationKind
}
export interface SignedInOrganisation extends Omit<Schemas['SignedInOrganisation'], 'kind'> {
  kind: OrganisationKind
}
export interface SignIn {
  person: Person
  organisation: SignedInOrganisation
  csrf_token: string | null
}
export type OrganisationIn = Schemas['OrganisationIn']

export type Patent = Schemas['PatentOut']
export type PatentType = Patent['patent_type']
export type PatentNumberCheck = Schemas['NumberCheckOut']
export type PatentImport = Schemas['PatentImportOut']

export type Listing = Omit<Schemas['ListingOut'], 'seller'> & {
  seller: Omit<Schemas['SellerOut'], 'kind'> & { kind: OrganisationKind }
}
export type ListingStatus = Listing['status']
export type ReviewCheck = Schemas['ChecksOut']['items'][number]

export type Intent = Schemas['IntentOut']
export type IntentStatus = Intent['status']
export type Deposit = Schemas['DepositOut']
export type DepositStatus = Deposit['status']
export type Deal = Schemas['DealOut']

export type Sale = Schemas['SaleOut']
export type AuctionSnapshot = Omit<Schemas['SnapshotOut'], 'me'> & { me: AuctionMe | null }
export type AuctionStatus = AuctionSnapshot['status']
export type AuctionEvent = Schemas['EventOut']
export type AuctionRules = Schemas['RulesOut']
export type AuctionMe = Omit<Schemas['MyStandingOut'], 'why_not'> & { why_not: Problem | null }
export type SignedHead = Schemas['SignedHeadOut']
export type SigningKeys = Schemas['SigningKeysOut']
/** What the verifier answers; the same members as `market verify --json`. */
export type CheckReport = Schemas['ProtocolCheckOut']

export type RequestKind = Schemas['BidAnswerOut']['kind']
/** A request's answer, by socket, by POST or looked up by its id. */
export type BidReceipt = Schemas['BidAnswerOut'] & { ok: true }
export type BidAnswer = BidReceipt | { bid_id: string; ok: false; problem: Problem }

export type Contract = Schemas['ContractOut']
export type ContractStatus = Contract['status']
export type Signature = Schemas['SignatureOut']

export type Registration = Schemas['RegistrationOut']
export type RegistrationStatus = Registration['status']
export type CertificateView = Schemas['CertificateOut']
