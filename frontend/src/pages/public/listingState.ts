import type { Listing } from '@/api/types'
import { AUCTION, EXTENDED, LISTING, type State } from '@/components/states'

const CLOSING_MS = 300_000

/** What a listing's chip says to the public: while it is bid for, that comes before 信息披露中. */
export function listingState(listing: Listing, now: number): State {
  const sale = listing.auction
  if (listing.status !== 'listed' || !sale || sale.status === 'scheduled') return LISTING[listing.status]
  // Only where late bids move the end is a later one an extension; elsewhere stages follow one another.
  const isExtended = listing.format === 'english' && Date.parse(sale.ends_at) > Date.parse(listing.closes_at)
  return saleState(sale.status, sale.ends_at, now, isExtended)
}

export function saleState(status: keyof typeof AUCTION, endsAt: string, now: number, isExtended: boolean): State {
  const left = Date.parse(endsAt) - now
  if (status === 'open' && isExtended && left > 0 && left <= CLOSING_MS) return EXTENDED
  return AUCTION[status]
}
