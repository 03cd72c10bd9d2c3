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
  reason: 'missing' | 'above_start' | 'below_start' | 'past' | 'order' | 'hard_end'
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

const WORDS: readonly DraftField[] = ['patent_id', 'title', 'description', 'encumbrances']
const AMOUNTS = ['start_price_fen', 'step_fen', 'deposit_fen'] as const

function isEmpty(value: string | number | null): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '')
}

/** Lists the gaps in the order of the form, so that the first link leads to the first field. */
export function gapsOf(draft: ListingDraft, now: Date): Gap[] {
  const gaps: Gap[] = []
  for (const field of WORDS) if (isEmpty(draft[field])) gaps.push({ field, reason: 'missing' })
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
  if (draft.hard_end_at && draft.closes_at && draft.hard_end_at < draft.closes_at) {
    gaps.push({ field: 'hard_end_at', reason: 'hard_end' })
  }
  return gaps
}
