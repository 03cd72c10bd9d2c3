import type { Listing } from '@/api/types'
import { AUCTION, EXTENDED, LISTING, type State } from '@/components/states'

const CLOSING_MS = 300_000

/** What a listing's chip says to the public: while it is bid for, that comes before 信息披露中. */
export function listingState(listing: Listing, now: number): State {
  if (listing.status !== 'listed' || listing.auction?.status !== 'open') return LISTING[listing.status]
  return saleState(listing.auction.status, listing.auction.ends_at, now, Date.parse(listing.auction.ends_at) > Date.parse(listing.closes_at))
}

export function saleState(status: keyof typeof AUCTION, endsAt: string, now: number, isExtended: boolean): State {
  const left = Date.parse(endsAt) - now
  if (status === 'open' && isExtended && left > 0 && left <= CLOSING_MS) return EXTENDED
  return AUCTION[status]
}
