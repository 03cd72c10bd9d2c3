import { firstMoment } from '@/components/wayWords'
import type { Listing, ListingStatus, OrganisationKind } from '@/api/types'

/** Filters of the public list, over the listings that were read. Pure. */
export interface Facets {
  ipc: string[]
  kind: OrganisationKind[]
  state: ListingStatus[]
}

export type Sort = 'close' | 'new' | 'price'

export const SECTIONS = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'] as const
export type Section = (typeof SECTIONS)[number]
export const noFacets = (): Facets => ({ ipc: [], kind: [], state: [] })
export const facetCount = (facets: Facets): number => facets.ipc.length + facets.kind.length + facets.state.length

const section = (listing: Listing) => listing.patent?.ipc_main.slice(0, 1) ?? ''

const tests: { [F in keyof Facets]: (listing: Listing) => string } = {
  ipc: section,
  kind: (listing) => listing.seller.kind,
  state: (listing) => listing.status,
}

function passes(listing: Listing, facets: Facets, except?: keyof Facets): boolean {
  return (Object.keys(tests) as (keyof Facets)[]).every((name) => {
    const chosen: readonly string[] = facets[name]
    return name === except || chosen.length === 0 || chosen.includes(tests[name](listing))
  })
}

export const filterListings = (listings: Listing[], facets: Facets): Listing[] => listings.filter((listing) => passes(listing, facets))

/** How many would be shown for each value of a facet, given the other facets. */
export function countsOf(listings: Listing[], facets: Facets, name: keyof Facets): Map<string, number> {
  const counts = new Map<string, number>()
  for (const listing of listings) {
    if (!passes(listing, facets, name)) continue
    const value = tests[name](listing)
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return counts
}

/** The moment that matters next: the end of an open sale, the opening of a coming one; ended ones come last. */
export function nextMoment(listing: Listing): number {
  if (listing.status === 'sold' || listing.status === 'unsold' || listing.status === 'terminated') return Number.MAX_SAFE_INTEGER - Date.parse(listing.closes_at)
  return listing.auction?.status === 'open' ? Date.parse(listing.auction.ends_at) : Date.parse(firstMoment(listing))
}

export const shownPrice = (listing: Listing): number => listing.auction?.price_fen ?? listing.start_price_fen

export function sortListings(listings: Listing[], sort: Sort): Listing[] {
  const by: Record<Sort, (a: Listing, b: Listing) => number> = {
    close: (a, b) => nextMoment(a) - nextMoment(b),
    new: (a, b) => Date.parse(b.published_at ?? b.created_at) - Date.parse(a.published_at ?? a.created_at),
    price: (a, b) => shownPrice(b) - shownPrice(a),
  }
  return [...listings].sort(by[sort])
}
