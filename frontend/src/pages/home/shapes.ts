import type { components } from '@/api/schema'

type Schemas = components['schemas']

export type Waiting = Schemas['WaitingOut']
export type SellerDesk = Schemas['SellerDeskOut']
export type BuyerDesk = Schemas['BuyerDeskOut']
export type ExchangeDesk = Schemas['ExchangeDeskOut']
export type Payable = Schemas['PayableOut']
