import { WHOM } from './shapes'

export interface RelationDraft {
  is_related: boolean
  words: string
}

export interface DeclarationDraft {
  relations: Record<(typeof WHOM)[number], RelationDraft>
  owners: string
  isConsortium: boolean
  leadPercent: string
  partners: { uscc: string; percent: string }[]
}

const WHOLE = 10_000
const SHORTEST = 5
const nothing = (): RelationDraft => ({ is_related: false, words: '' })

export function newDraft(): DeclarationDraft {
  return { relations: { seller: nothing(), inventor: nothing(), exchange: nothing() }, owners: '', isConsortium: false, leadPercent: '60', partners: [{ uscc: '', percent: '40' }] }
}

/** Per cent as typed in basis points; 0 for what is no number with two decimals. */
export function basisPoints(text: string): number {
  return /^\d{1,3}(\.\d{1,2})?$/.test(text.trim()) ? Math.round(Number(text) * 100) : 0
}

/** What all shares make, in basis points. */
export function sum(draft: DeclarationDraft): number {
  return draft.isConsortium ? basisPoints(draft.leadPercent) + draft.partners.reduce((all, one) => all + basisPoints(one.percent), 0) : WHOLE
}

/** Whether the draft can be sent; the server checks it again. */
export function isWhole(draft: DeclarationDraft): boolean {
  const said = WHOM.every((whom) => !draft.relations[whom].is_related || draft.relations[whom].words.trim().length >= SHORTEST)
  const codes = !draft.isConsortium || draft.partners.every((one) => one.uscc.trim().length >= 18 && basisPoints(one.percent) > 0)
  return said && codes && !draft.relations.exchange.is_related && sum(draft) === WHOLE
}

/** The draft as the API takes it. */
export function declared(draft: DeclarationDraft): Record<string, unknown> {
  return {
    relations: draft.relations,
    beneficial_owners: draft.owners.split(/[\n、,，;；]/).map((name) => name.trim()).filter((name) => name !== ''),
    lead_share_bp: draft.isConsortium ? basisPoints(draft.leadPercent) : WHOLE,
    partners: draft.isConsortium ? draft.partners.map((one) => ({ uscc: one.uscc.trim(), share_bp: basisPoints(one.percent) })) : [],
  }
}
