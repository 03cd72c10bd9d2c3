/** What a seller fills in before a listing can be submitted, and what is still missing. Pure: no Vue, no clock. */
import { clockEnd, defaultsOf, formOf, optionsOf, roundEnd, wrongFields, type Direction, type Options } from './formats'

/** A board's key; which there are, and what each admits, are rows of the rulebook. */
export type Board = string

/** In which way a buyer is found. */
export type Method = 'auction' | 'listed' | 'negotiated'

/** What is offered of a patent: itself, or a licence of one of three kinds. */
export type DraftRights = 'assignment' | 'exclusive' | 'sole' | 'ordinary'

export type SubjectKind = 'patent' | 'package' | 'demand'

export interface ListingDraft {
  subject: SubjectKind
  patent_id: string | null
  package_id: string | null
  demand_id: string | null
  board: Board
  rights: DraftRights
  territory: string | null
  field_of_use: string
  licence_from: string | null
  licence_to: string | null
  sublicence: boolean | null
  accepts_earlier: boolean
  title: string
  description: string
  encumbrances: string
  start_price_fen: number | null
  step_fen: number | null
  deposit_fen: number | null
  has_reserve: boolean
  reserve_price_fen: number | null
  method: Method
  notice_ends_at: string | null
  opens_at: string | null
  closes_at: string | null
  hard_end_at: string | null
  trigger_seconds: number
  extension_seconds: number
  format: string
  min_bidders: number
  options: Options
  /** Who holds the statutory priority and how it is exercised; empty until the seller has answered. */
  priority: '' | 'nobody' | 'in_field' | 'post'
  priority_holders: string[]
  priority_seconds: number
  /** The clause of prolongation: so many of the board's units each time, at most so often; 0 times is none. */
  prolong_count: number
  prolong_times: number
  /** Who approved a lower price of what is listed anew. */
  approval_ref: string
  /** That every right in the way is named, and what the unit's own secrecy review found. */
  rights_declared: boolean
  secrecy_reviewer: string
  secrecy_on: string | null
  secrecy_result: '' | 'public' | 'internal' | 'classified'
}

export type DraftField = Exclude<keyof ListingDraft, 'board' | 'has_reserve' | 'format' | 'priority_seconds' | 'subject' | 'method' | 'accepts_earlier' | 'rights' | 'field_of_use' | 'prolong_count' | 'prolong_times' | 'approval_ref'>

/** One thing that stands between the draft and its submission: empty, or filled with something that cannot be. */
export interface Gap {
  field: DraftField
  reason: 'missing' | 'short' | 'above_start' | 'below_start' | 'past' | 'order' | 'hard_end' | 'seconds' | 'range' | 'notice_order' | 'licence_order' | 'not_public'
}

export function emptyDraft(board: Board): ListingDraft {
  return {
    subject: 'patent',
    patent_id: null,
    package_id: null,
    demand_id: null,
    board,
    rights: 'assignment',
    territory: null,
    field_of_use: '',
    licence_from: null,
    licence_to: null,
    sublicence: null,
    accepts_earlier: false,
    title: '',
    description: '',
    encumbrances: '',
    start_price_fen: null,
    step_fen: null,
    deposit_fen: null,
    has_reserve: false,
    reserve_price_fen: null,
    method: 'auction',
    notice_ends_at: null,
    opens_at: null,
    closes_at: null,
    hard_end_at: null,
    trigger_seconds: board === 'demo' ? 20 : 300,
    extension_seconds: board === 'demo' ? 20 : 300,
    format: 'english',
    min_bidders: 1,
    options: defaultsOf(formOf('english'), board),
    priority: '',
    priority_holders: [],
    priority_seconds: board === 'demo' ? 60 : 259_200,
    prolong_count: 5,
    prolong_times: 0,
    approval_ref: '',
    rights_declared: false,
    secrecy_reviewer: '',
    secrecy_on: null,
    secrecy_result: '',
  }
}

/** Another format with its own defaults; what the new one has no use for is taken away. */
export function chooseFormat(draft: ListingDraft, name: string): void {
  const form = formOf(name)
  draft.format = name
  draft.options = defaultsOf(form, draft.board)
  draft.min_bidders = form.minBidders
  if (!form.hasReserve) Object.assign(draft, { has_reserve: false, reserve_price_fen: null })
  if (!form.extends) draft.hard_end_at = null
  if (!form.inField && draft.priority === 'in_field') draft.priority = 'post'
}

/** Another right; what is granted to many is never bid for. */
export function chooseRights(draft: ListingDraft, rights: DraftRights): void {
  draft.rights = rights
  if (rights === 'ordinary') {
    draft.accepts_earlier = false
    if (draft.method === 'auction') draft.method = 'listed'
  }
}

/** What is offered: a demand or a package is never licensed. */
export const rightsOf = (draft: ListingDraft): DraftRights => (draft.subject === 'patent' ? draft.rights : 'assignment')
export const isLicensed = (draft: ListingDraft): boolean => rightsOf(draft) !== 'assignment'

/** What is sold goes up, what is asked for goes down. */
export const directionOf = (draft: ListingDraft): Direction => (draft.subject === 'demand' ? 'reverse' : 'forward')

/** The end as it will be sent: typed, or worked out where it follows from the other numbers. */
export function endOf(draft: ListingDraft): string | null {
  const { endsBy } = formOf(draft.format)
  if (endsBy === 'clock') return clockEnd(draft.opens_at, draft.start_price_fen, draft.step_fen, draft.options, directionOf(draft))
  return endsBy === 'round' ? roundEnd(draft.opens_at, draft.options) : draft.closes_at
}

/** The way that is sent: what is asked for is always put out to bidding. */
export const methodOf = (draft: ListingDraft): Method => (draft.subject === 'demand' ? 'auction' : draft.method)

/** Whether it can come to bidding, so that the terms of bidding are wanted. */
export const hasBidding = (draft: ListingDraft): boolean => methodOf(draft) !== 'negotiated' && !(methodOf(draft) === 'listed' && rightsOf(draft) === 'ordinary')

export const SHORTEST_DESCRIPTION = 10

const LONGEST_EXTENSION_SECONDS = 3600
const MOST_BIDDERS = 100

const WORDS: readonly DraftField[] = ['title', 'description', 'encumbrances']
const AMOUNTS = ['start_price_fen', 'step_fen', 'deposit_fen'] as const

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '')
}

/** Lists the gaps in the order of the form, so that the first link leads to the first field. */
export function gapsOf(draft: ListingDraft, now: Date): Gap[] {
  const gaps: Gap[] = []
  const subject = `${draft.subject}_id` as const
  // What is asked for carries no pledges or licences: nothing is sold.
  const words = draft.subject === 'demand' ? WORDS.filter((field) => field !== 'encumbrances') : WORDS
  for (const field of [subject, ...words]) if (isEmpty(draft[field])) gaps.push({ field, reason: 'missing' })
  if (draft.description.trim() && draft.description.trim().length < SHORTEST_DESCRIPTION) gaps.push({ field: 'description', reason: 'short' })
  if (isLicensed(draft)) gaps.push(...licenceGaps(draft))
  if (!hasBidding(draft)) return [...gaps, ...negotiationGaps(draft, now), ...declarationGaps(draft)]
  for (const field of AMOUNTS) if (!draft[field]) gaps.push({ field, reason: 'missing' })
  gaps.push(...priceGaps(draft), ...methodGaps(draft), ...noticeGaps(draft, now), ...timeGaps(draft, now), ...declarationGaps(draft))
  return gaps
}

/** What the law asks to be declared before anything of an invention is published; a demand tells of none. */
function declarationGaps(draft: ListingDraft): Gap[] {
  if (draft.subject === 'demand') return []
  const gaps: Gap[] = draft.rights_declared ? [] : [{ field: 'rights_declared', reason: 'missing' }]
  for (const field of ['secrecy_reviewer', 'secrecy_on', 'secrecy_result'] as const) if (isEmpty(draft[field])) gaps.push({ field, reason: 'missing' })
  if (draft.secrecy_result === 'internal' || draft.secrecy_result === 'classified') gaps.push({ field: 'secrecy_result', reason: 'not_public' })
  return gaps
}

/** A licence says where, from when until when, and whether it may be sublicensed; an empty field is every field. */
function licenceGaps(draft: ListingDraft): Gap[] {
  const gaps: Gap[] = []
  for (const field of ['territory', 'licence_from', 'licence_to'] as const) if (isEmpty(draft[field])) gaps.push({ field, reason: 'missing' })
  if (draft.licence_from && draft.licence_to && draft.licence_to < draft.licence_from) gaps.push({ field: 'licence_to', reason: 'licence_order' })
  if (draft.sublicence === null) gaps.push({ field: 'sublicence', reason: 'missing' })
  return gaps
}

/** A negotiation has a price that is asked for, an end, and the answer about the statutory priority. */
function negotiationGaps(draft: ListingDraft, now: Date): Gap[] {
  const gaps: Gap[] = []
  if (!draft.start_price_fen) gaps.push({ field: 'start_price_fen', reason: 'missing' })
  if (!isLicensed(draft) && draft.priority !== 'nobody') gaps.push({ field: 'priority', reason: 'missing' })
  if (!draft.closes_at) gaps.push({ field: 'closes_at', reason: 'missing' })
  else if (new Date(draft.closes_at) <= now) gaps.push({ field: 'closes_at', reason: 'past' })
  return gaps
}

function noticeGaps(draft: ListingDraft, now: Date): Gap[] {
  if (methodOf(draft) !== 'listed') return []
  if (!draft.notice_ends_at) return [{ field: 'notice_ends_at', reason: 'missing' }]
  if (new Date(draft.notice_ends_at) <= now) return [{ field: 'notice_ends_at', reason: 'past' }]
  return draft.opens_at && draft.notice_ends_at >= draft.opens_at ? [{ field: 'notice_ends_at', reason: 'notice_order' }] : []
}

function methodGaps(draft: ListingDraft): Gap[] {
  const gaps: Gap[] = []
  if (wrongFields(formOf(draft.format), draft.options, directionOf(draft)).length > 0) gaps.push({ field: 'options', reason: 'missing' })
  if (!(draft.min_bidders >= 1 && draft.min_bidders <= MOST_BIDDERS)) gaps.push({ field: 'min_bidders', reason: 'range' })
  if (draft.subject === 'demand' || isLicensed(draft)) return gaps
  if (draft.priority === '') gaps.push({ field: 'priority', reason: 'missing' })
  else if (draft.priority !== 'nobody' && draft.priority_holders.length === 0) gaps.push({ field: 'priority_holders', reason: 'missing' })
  return gaps
}

function priceGaps(draft: ListingDraft): Gap[] {
  const start = draft.start_price_fen
  const gaps: Gap[] = []
  if (start && draft.deposit_fen && draft.deposit_fen > start) gaps.push({ field: 'deposit_fen', reason: 'above_start' })
  if (start && draft.step_fen && draft.step_fen > start) gaps.push({ field: 'step_fen', reason: 'above_start' })
  if (!draft.has_reserve) return gaps
  if (!draft.reserve_price_fen) gaps.push({ field: 'reserve_price_fen', reason: 'missing' })
  else if (start && draft.subject !== 'demand' && draft.reserve_price_fen < start) gaps.push({ field: 'reserve_price_fen', reason: 'below_start' })
  return gaps
}

function timeGaps(draft: ListingDraft, now: Date): Gap[] {
  const gaps: Gap[] = []
  if (!draft.opens_at) gaps.push({ field: 'opens_at', reason: 'missing' })
  else if (new Date(draft.opens_at) <= now) gaps.push({ field: 'opens_at', reason: 'past' })
  if (formOf(draft.format).endsBy) return gaps
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

type Saved = Omit<ListingDraft, 'subject' | 'patent_id' | 'package_id' | 'demand_id' | 'board' | 'priority' | 'options' | 'trigger_seconds' | 'extension_seconds' | 'rights' | 'field_of_use' | 'prolong_count' | 'prolong_times' | 'approval_ref' | 'secrecy_reviewer' | 'secrecy_result'> & {
  secrecy_reviewer?: string | null
  secrecy_result?: string | null
  prolong_count?: number | null
  prolong_times?: number
  approval_ref?: string
  rights: string
  field_of_use: string | null
  trigger_seconds: number | null
  extension_seconds: number | null
  board: string
  patent: { id: string } | null
  package: { id: string } | null
  demand: { id: string } | null
  options: Record<string, unknown>
  priority: 'none' | 'in_field' | 'post'
  priority_declared: boolean
}

/** The form's content from a listing that the server keeps. */
export function draftOf(listing: Saved): ListingDraft {
  const { patent, package: pack, demand, board, options, priority, priority_declared: isDeclared, rights, ...rest } = listing
  const fresh = emptyDraft(board)
  const fields = Object.keys(fresh) as (keyof ListingDraft)[]
  const kept = Object.fromEntries(fields.filter((field) => field in rest && rest[field as keyof typeof rest] !== null).map((field) => [field, rest[field as keyof typeof rest]]))
  return {
    ...fresh,
    ...kept,
    rights: rights === 'exclusive' || rights === 'sole' || rights === 'ordinary' ? rights : 'assignment',
    subject: demand ? 'demand' : pack ? 'package' : 'patent',
    patent_id: pack ? null : (patent?.id ?? null),
    package_id: pack?.id ?? null,
    demand_id: demand?.id ?? null,
    options: { ...defaultsOf(formOf(listing.format), fresh.board), ...(options as Options) },
    priority: priority === 'none' ? (isDeclared ? 'nobody' : '') : priority,
    priority_seconds: listing.priority_seconds || fresh.priority_seconds,
  }
}

/** What may change afterwards: the patent and the board stay as they were. */
export function changesOf(draft: ListingDraft, version: number) {
  const { patent_id: _patent, package_id: _package, demand_id: _demand, board: _board, ...changes } = bodyOf(draft)
  return { ...changes, approval_ref: draft.approval_ref.trim(), version }
}

/** What is sent: no reserve unless one was set, texts without blanks around them, and the format's own parameters. */
export function bodyOf(draft: ListingDraft) {
  const { has_reserve: hasReserve, priority, subject, approval_ref: _approval, ...rest } = draft
  const isHeld = subject !== 'demand' && !isLicensed(draft) && hasBidding(draft) && (priority === 'in_field' || priority === 'post')
  return {
    ...rest,
    ...wayOf(draft),
    ...licenceOf(draft),
    patent_id: subject === 'patent' ? draft.patent_id : null,
    package_id: subject === 'package' ? draft.package_id : null,
    demand_id: subject === 'demand' ? draft.demand_id : null,
    title: draft.title.trim(),
    description: draft.description.trim(),
    encumbrances: draft.encumbrances.trim(),
    reserve_price_fen: hasReserve && hasBidding(draft) ? draft.reserve_price_fen : null,
    closes_at: hasBidding(draft) ? endOf(draft) : draft.closes_at,
    options: optionsOf(formOf(draft.format), draft.options, directionOf(draft)),
    priority: isHeld ? priority : ('none' as const),
    priority_holders: isHeld ? draft.priority_holders : [],
    priority_seconds: isHeld && priority === 'post' ? draft.priority_seconds : 0,
    priority_declared: priority !== '',
    prolong_count: draft.prolong_times > 0 ? draft.prolong_count : null,
    prolong_times: draft.prolong_times || 0,
    secrecy_reviewer: draft.secrecy_reviewer.trim() || null,
    secrecy_on: draft.secrecy_on || null,
    secrecy_result: draft.secrecy_result || null,
  }
}

/** The licence that is offered; an assignment has no such terms. */
function licenceOf(draft: ListingDraft) {
  const rights = rightsOf(draft)
  if (!isLicensed(draft)) return { rights, territory: null, field_of_use: null, licence_from: null, licence_to: null, sublicence: null, accepts_earlier: false }
  return { rights, field_of_use: draft.field_of_use.trim(), accepts_earlier: draft.accepts_earlier && rights !== 'ordinary' }
}

/** The way of trading with what belongs to it: a negotiation knows nothing of bidding, only a listed price has a notice. */
function wayOf(draft: ListingDraft) {
  const method = methodOf(draft)
  if (!hasBidding(draft)) {
    return { method, notice_ends_at: null, step_fen: null, deposit_fen: null, opens_at: null, hard_end_at: null, trigger_seconds: null, extension_seconds: null }
  }
  return { method, notice_ends_at: method === 'listed' ? draft.notice_ends_at : null }
}

/** The terms whose rules are shown in words before anything is listed; null while they are not all there. */
export function termsOf(draft: ListingDraft) {
  const { start_price_fen: start, step_fen: step, deposit_fen: deposit, opens_at: opensAt } = draft
  const closesAt = endOf(draft)
  if (!hasBidding(draft) || !start || !step || !deposit || !opensAt || !closesAt || methodGaps(draft).length > 0) return null
  const { options, priority, priority_seconds: seconds } = bodyOf(draft)
  return {
    format: draft.format,
    direction: directionOf(draft),
    start_price_fen: start,
    step_fen: step,
    deposit_fen: deposit,
    has_reserve: draft.has_reserve,
    opens_at: opensAt,
    closes_at: closesAt,
    hard_end_at: draft.hard_end_at,
    trigger_seconds: draft.trigger_seconds,
    extension_seconds: draft.extension_seconds,
    min_bidders: draft.min_bidders,
    priority,
    priority_seconds: seconds,
    options,
  }
}
