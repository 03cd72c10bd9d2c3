import type { AuctionEvent } from '@/api/types'
import { listIn, textIn, type Body } from './read_body'

/** A sale's record as it is downloaded; only what pages read of it is named, the verifier reads the rest. */
export interface Bundle extends Body {
  auction_id: string
}

const PUBLIC = 'public'

const isEvent = (row: Body): row is Body & AuctionEvent => typeof row.number === 'number' && typeof row.kind === 'string' && typeof row.at === 'string' && typeof row.body === 'object' && row.body !== null

/** The public stream of a record, in order; empty for what is no record. */
export function publicEvents(bundle: Body): AuctionEvent[] {
  const stream = listIn(bundle, 'streams').find((one) => textIn(one, 'audience') === PUBLIC)
  return stream ? listIn(stream, 'events').filter(isEvent) : []
}
