import type { Listing } from '@/api/types'
import type { Key } from '@/i18n'

/** What the price of a listing is called: where bidding starts, what is asked for, or what it costs. */
export function priceWord(method: Listing['method']): Key {
  return method === 'listed' ? 'way.listed_price' : method === 'negotiated' ? 'way.asking_price' : 'seller.start_price'
}

type Moments = Pick<Listing, 'notice_ends_at' | 'opens_at' | 'closes_at'>

/** The moment that comes first: the end of a notice, the opening of a bidding, or the end where there is neither. */
export const firstMoment = (listing: Moments): string => listing.notice_ends_at ?? listing.opens_at ?? listing.closes_at
