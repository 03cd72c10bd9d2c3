import type { Listing } from '@/api/types'
import { t, type Key } from '@/i18n'

const LICENCES = ['exclusive', 'sole', 'ordinary'] as const
export type LicenceKind = (typeof LICENCES)[number]
export type Rights = LicenceKind | 'assignment'

/** Whether a licence is offered, and not the patent itself. */
export const isLicence = (rights: string): rights is LicenceKind => (LICENCES as readonly string[]).includes(rights)

/** What is offered: the patent itself, a licence of it, or the answer to a demand. */
export function rightsName(rights: string): string {
  if (rights === 'development') return t('method.rights_development')
  return t(isLicence(rights) ? `licence.${rights}` : 'common.rights_assignment')
}

/** Where a licence holds: by name where everybody knows it, by its code elsewhere. */
export function territoryName(code: string): string {
  const known: Record<string, Key> = { CN: 'licence.territory_cn', WW: 'licence.territory_ww' }
  return known[code] ? t(known[code]) : code
}

/** Whether anybody may have this at its price: an ordinary licence at a listed price. */
export const isSoldToMany = (listing: Pick<Listing, 'method' | 'rights'>): boolean => listing.method === 'listed' && listing.rights === 'ordinary'

/** What a side of a deal is called: assignor and assignee, or licensor and licensee. */
export function sideName(rights: string, side: 'seller' | 'buyer'): string {
  return t(isLicence(rights) ? (side === 'seller' ? 'licence.licensor' : 'licence.licensee') : `trade.side_${side}`)
}
