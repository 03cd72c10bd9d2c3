/** The shapes of the finance pages by short names. All come from the generated schema. */
import type { components } from '@/api/schema'

type Schemas = components['schemas']

export type Figures = Schemas['FinanceOut']
export type Statement = Schemas['BankStatementOut']
export type Preview = Schemas['StatementPreviewOut']
export type Line = Schemas['BankLineOut']
export type LineStatus = Line['status']
export type Suggestion = Schemas['SuggestionOut']
export type PaidLine = Schemas['PaidLineOut']
export type OrderSuggestion = Schemas['OrderSuggestionOut']
export type Order = Schemas['PaymentOrderOut']
export type OrderStatus = Order['status']
export type OrderConnect = Schemas['OrderConnectOut']
export type PayoutAccount = Schemas['PayoutAccountOut']
export type OnboardingLink = Schemas['OnboardingLinkOut']
export type Export = Schemas['PaymentExportOut']
export type Release = Schemas['ReleaseItemOut']
export type Settlement = Schemas['SettlementOut']
export type Payable = Schemas['PayableOut']
