import type { components } from '@/api/schema'
import type { Key } from '@/i18n'

type Schemas = components['schemas']
export type Room = Schemas['RoomOut']
export type RoomOffer = Schemas['RoomOfferOut']
export type RoomDocument = Schemas['RoomDocumentOut']

/** The offer that waits for an answer; one whose validity has ended waits no longer. */
export const openOffer = (room: Room): RoomOffer | null => room.offers.find((offer) => offer.status === 'open') ?? null

export const acceptedOffer = (room: Room): RoomOffer | null => room.offers.find((offer) => offer.status === 'accepted') ?? null

export function byWhom(room: Room, side: RoomOffer['side']): Key {
  return room.my_side === side ? 'negotiation.by_me' : `negotiation.by_${side}`
}
