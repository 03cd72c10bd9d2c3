import { emptyDraft, type ListingDraft } from './listingDraft'

/** A listing being written is kept in this browser until the server has it, so that nothing typed is lost. */
const keyOf = (id: string) => `market.listing-draft.${id}`

/** `id` is the listing's, or `new`. Anything unreadable (an older form) counts as nothing. */
export function keptDraft(id: string): ListingDraft | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(id)) ?? 'null')
    return typeof value === 'object' && value !== null && 'patent_id' in value
      ? { ...emptyDraft('standard'), ...(value as Partial<ListingDraft>) }
      : null
  } catch {
    return null
  }
}

export function keepDraft(id: string, draft: ListingDraft): void {
  localStorage.setItem(keyOf(id), JSON.stringify(draft))
}

export function dropDraft(id: string): void {
  localStorage.removeItem(keyOf(id))
}
