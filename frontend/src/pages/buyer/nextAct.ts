import type { Key } from '@/i18n'
import type { IntentView } from '@/pages/work/shapes'

export interface NextAct {
  word: Key
  to: string
  /** True when the buyer must act; false when there is only something to look at. */
  isMine: boolean
}

type Facts = Pick<IntentView, 'status' | 'deposit' | 'auction'> & Partial<Pick<IntentView, 'needs_confirmation' | 'listing'>>

/** The one next act of a buyer on an intent; null while somebody else has to act. Pure. */
export function nextAct(intent: Facts): NextAct | null {
  const room = intent.auction ? `/auctions/${intent.auction.id}` : null
  if (intent.needs_confirmation && intent.listing) return { word: 'course.next_confirm', to: `/listings/${intent.listing.id}`, isMine: true }
  switch (intent.status) {
    case 'submitted':
    case 'paid':
    case 'rejected':
    case 'withdrawn':
      return null
    case 'qualified':
      return { word: 'buyer.next_qualified', to: '/my/deposits', isMine: intent.deposit?.status === 'due' }
    case 'admitted':
      if (!room) return null
      return { word: intent.auction?.status === 'open' ? 'buyer.next_admitted' : 'buyer.next_admitted_wait', to: room, isMine: true }
    case 'won':
      return { word: 'buyer.next_won', to: '/deals', isMine: true }
    case 'lost':
      return room ? { word: 'buyer.next_lost', to: room, isMine: false } : null
  }
}
