import type { components } from '@/api/schema'

type Schemas = components['schemas']

export type IntentDocument = Schemas['IntentDocumentOut']
export type Suspicion = Schemas['SuspicionOut']
export type SuccessorOffer = Schemas['SuccessorOfferOut']
export type Succession = Schemas['SuccessionOut']
export type Restriction = Schemas['RestrictionOut']
export type Default = Schemas['DefaultOut']

export const DOCUMENT_KINDS = ['entity', 'funds', 'consortium', 'other'] as const
export const WHOM = ['seller', 'inventor', 'exchange'] as const

/** Basis points as per cent, without trailing zeros. */
export function percent(basisPoints: number): string {
  return String(basisPoints / 100)
}
