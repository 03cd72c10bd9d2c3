/** What a seller fills in before a listing can be submitted, and what is still missing. Pure: no Vue, no clock. */

export type Board = 'standard' | 'demo'

export interface ListingDraft {
  patent_id: string | null
  board: Board
  title: string
  description: string
  encumbrances: string
  start_price_fen: number | null
  step_fen: number | null
  deposit_fen: number | null
  has_reserve: boolean
  reserve_price_fen: number | null
  opens_at: string | null
  closes_at: string | null
  hard_end_at: string | null
  trigger_seconds: number
  extension_seconds: number
}

export type DraftField = Exclude<keyof ListingDraft, 'board' | 'has_reserve'>

/** One thing that stands between the draft and its submission: empty, or filled with something that cannot be. */
export interface Gap {
  field: DraftField
  reason: 'missing' | 'short' | 'above_start' | 'below_start' | 'past' | 'order' | 'hard_end' | 'seconds'
}

export function emptyDraft(board: Board): ListingDraft {
  return {
    patent_id: null,
    board,
    title: '',
    description: '',
    encumbrances: '',
    start_price_fen: null,
    step_fen: null,
    deposit_fen: null,
    has_reserve: false,
    reserve_price_fen: null,
    opens_at: null,
    closes_at: null,
    hard_end_at: null,
    trigger_seconds: board === 'demo' ? 20 : 300,
    extension_seconds: board === 'demo' ? 20 : 300,
  }
}

export const SHORTEST_DESCRIPTION = 10

const LONGEST_EXTENSION_SECONDS = 3600

const WORDS: readonly DraftField[] = ['patent_id', 'title', 'description', 'encumbrances']
const AMOUNTS = ['start_price_fen', 'step_fen', 'deposit_fen'] as const

function isEmpty(value: string | number | null): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '')
}

/** Lists the gaps in the order of the form, so that the first link leads to the first field. */
export function gapsOf(draft: ListingDraft, now: Date): Gap[] {
  const gaps: Gap[] = []
  for (const field of WORDS) if (isEmpty(draft[field])) gaps.push({ field, reason: 'missing' })
  if (draft.description.trim() && draft.description.trim().length < SHORTEST_DESCRIPTION) gaps.push({ field: 'description', reason: 'short' })
  for (const field of AMOUNTS) if (!draft[field]) gaps.push({ field, reason: 'missing' })
  gaps.push(...priceGaps(draft), ...timeGaps(draft, now))
  return gaps
}

function priceGaps(draft: ListingDraft): Gap[] {
  const start = draft.start_price_fen
  const gaps: Gap[] = []
  if (start && draft.deposit_fen && draft.deposit_fen > start) gaps.push({ field: 'deposit_fen', reason: 'above_start' })
  if (start && draft.step_fen && draft.step_fen > start) gaps.push({ field: 'step_fen', reason: 'above_start' })
  if (!draft.has_reserve) return gaps
  if (!draft.reserve_price_fen) gaps.push({ field: 'reserve_price_fen', reason: 'missing' })
  else if (start && draft.reserve_price_fen < start) gaps.push({ field: 'reserve_price_fen', reason: 'below_start' })
  return gaps
}

function timeGaps(draft: ListingDraft, now: Date): Gap[] {
  const gaps: Gap[] = []
  if (!draft.opens_at) gaps.push({ field: 'opens_at', reason: 'missing' })
  else if (new Date(draft.opens_at) <= now) gaps.push({ field: 'opens_at', reason: 'past' })
  if (!draft.closes_at) gaps.push({ field: 'closes_at', reason: 'missing' })
  else if (draft.opens_at && draft.closes_at <= draft.opens_at) gaps.push({ field: 'closes_at', reason: 'order' })
  if (draft.hard_end_at && draft.closes_at && draft.hard_end_at <= draft.closes_at) {
    gaps.push({ field: 'hard_end_at', reason: 'hard_end' })
  }
  for (const field of ['trigger_seconds', 'extension_seconds'] as const) {
    if (!(draft[field] >= 1 && draft[field] <= LONGEST_EXTENSION_SECONDS)) gaps.push({ field, reason: 'seconds' })
  }
  return gaps
}

type Saved = Omit<ListingDraft, 'patent_id' | 'board'> & { board: string; patent: { id: string } }

/** The form's content from a listing that the server keeps. */
export function draftOf(listing: Saved): ListingDraft {
  const { patent, board, ...rest } = listing
  const fields = Object.keys(emptyDraft('standard')) as (keyof ListingDraft)[]
  const kept = Object.fromEntries(fields.filter((field) => field in rest).map((field) => [field, rest[field as keyof typeof rest]]))
  return { ...emptyDraft('standard'), ...kept, patent_id: patent.id, board: board === 'demo' ? 'demo' : 'standard' }
}

/** What may change afterwards: the patent and the board stay as they were. */
export function changesOf(draft: ListingDraft, version: number) {
  const { patent_id: _patent, board: _board, rights: _rights, ...changes } = bodyOf(draft)
  return { ...changes, version }
}

/** What is sent: no reserve unless one was set, and texts without blanks around them. */
export function bodyOf(draft: ListingDraft) {
  const { has_reserve: hasReserve, ...rest } = draft
  return {
    ...rest,
    rights: 'assignment' as const,
    title: draft.title.trim(),
    description: draft.description.trim(),
    encumbrances: draft.encumbrances.trim(),
    reserve_price_fen: hasReserve ? draft.reserve_price_fen : null,
  }
}
