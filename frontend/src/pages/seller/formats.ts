/** The formats that a seller chooses from: what each asks for, and what of the general form it has no use for. Pure. */

export interface Criterion {
  code: string
  zh: string
  en: string
  weight: number
}

export type OptionValue = boolean | number | string | number[] | [number, number][] | Criterion[]
export type Options = Record<string, OptionValue>

interface Base {
  key: string
  /** Shown only where another option has this value. */
  when?: { key: string; is: OptionValue }
}

export type OptionField = Base &
  (
    | { kind: 'flag' }
    | { kind: 'seconds' | 'count'; fallback: number; demo?: number; least: number; most: number }
    | { kind: 'choice'; choices: readonly string[] }
    | { kind: 'money'; only?: Direction }
    | { kind: 'pauses'; fallback: number[]; demo: number[]; least: number; most: number }
    | { kind: 'ladder' | 'criteria' }
  )

export type Direction = 'forward' | 'reverse'

export interface FormatForm {
  name: string
  /** A late bid moves the end. */
  extends: boolean
  /** The end follows from the other numbers and is not typed. */
  endsBy?: 'clock' | 'round'
  hasReserve: boolean
  hasStep: boolean
  hasMinBidders: boolean
  minBidders: number
  /** A right of first refusal can be exercised during the bidding. */
  inField: boolean
  fields: readonly OptionField[]
}

const AUTOMATIC: OptionField = { key: 'automatic', kind: 'flag' }
const LADDER: OptionField = { key: 'ladder', kind: 'ladder' }
const TICK: OptionField = { key: 'tick_seconds', kind: 'seconds', fallback: 60, demo: 5, least: 1, most: 604_800 }
const LAST: readonly OptionField[] = [
  { key: 'floor_price_fen', kind: 'money', only: 'forward' },
  { key: 'ceiling_price_fen', kind: 'money', only: 'reverse' },
]

const open = { extends: true, hasReserve: true, hasStep: true, hasMinBidders: true, minBidders: 1, inField: true }
const sealed = { extends: false, hasReserve: true, hasStep: true, hasMinBidders: true, minBidders: 2, inField: false }
const clock = { extends: false, endsBy: 'clock' as const, hasReserve: false, hasStep: true, hasMinBidders: false, minBidders: 1, inField: false }

const SEALED_FIELDS: readonly OptionField[] = [
  { key: 'one_shot', kind: 'flag' },
  { key: 'multiples_only', kind: 'flag' },
  { key: 'tie_rule', kind: 'choice', choices: ['earliest', 'extra_round'] },
  { key: 'extra_seconds', kind: 'seconds', fallback: 600, demo: 30, least: 1, most: 604_800, when: { key: 'tie_rule', is: 'extra_round' } },
]

export const FORMATS: readonly FormatForm[] = [
  { name: 'english', ...open, fields: [AUTOMATIC, LADDER] },
  {
    name: 'free_limited', ...open, extends: false,
    fields: [
      { key: 'cycle_seconds', kind: 'seconds', fallback: 180, demo: 20, least: 5, most: 86_400 },
      { key: 'entry', kind: 'choice', choices: ['anybody', 'free_bidders'] },
      { key: 'entry_seconds', kind: 'seconds', fallback: 300, demo: 20, least: 5, most: 86_400, when: { key: 'entry', is: 'free_bidders' } },
      AUTOMATIC, LADDER,
    ],
  },
  { name: 'sealed_first_price', ...sealed, fields: SEALED_FIELDS },
  { name: 'vickrey', ...sealed, fields: SEALED_FIELDS },
  { name: 'dutch', ...clock, fields: [TICK, ...LAST] },
  {
    name: 'dutch_sealed_best', ...clock,
    fields: [
      TICK, ...LAST,
      { key: 'sealed_seconds', kind: 'seconds', fallback: 600, demo: 30, least: 1, most: 604_800 },
      { key: 'best_seconds', kind: 'seconds', fallback: 300, demo: 20, least: 1, most: 604_800 },
      { key: 'multiples_only', kind: 'flag' },
    ],
  },
  {
    name: 'prozorro_rounds', ...sealed,
    fields: [
      { key: 'pause_seconds', kind: 'pauses', fallback: [300, 120, 120], demo: [10, 5, 5], least: 5, most: 3600 },
      { key: 'slot_seconds', kind: 'seconds', fallback: 120, demo: 10, least: 5, most: 3600 },
    ],
  },
  {
    name: 'raise_or_accept', ...open, extends: false, endsBy: 'round', inField: false,
    fields: [
      { key: 'round_seconds', kind: 'seconds', fallback: 180, demo: 20, least: 10, most: 3600 },
      { key: 'pause_seconds', kind: 'seconds', fallback: 15, demo: 5, least: 0, most: 600 },
    ],
  },
  {
    name: 'scored_tender', ...sealed, hasReserve: false, minBidders: 3,
    fields: [
      { key: 'price_weight', kind: 'count', fallback: 40, least: 1, most: 99 },
      { key: 'criteria', kind: 'criteria' },
      { key: 'experts', kind: 'count', fallback: 5, least: 5, most: 21 },
    ],
  },
]

export function formOf(name: string): FormatForm {
  const found = FORMATS.find((form) => form.name === name)
  if (!found) throw new Error(`no form for the format ${name}`)
  return found
}

/** A field is asked for unless it hangs on another option, or on the direction, that says otherwise. */
export function isAsked(field: OptionField, options: Options, direction: Direction): boolean {
  if (field.kind === 'money' && field.only && field.only !== direction) return false
  return !field.when || (options[field.when.key] ?? firstChoice(field.when.key)) === field.when.is
}

function firstChoice(key: string): OptionValue | undefined {
  for (const form of FORMATS) for (const field of form.fields) if (field.key === key && field.kind === 'choice') return field.choices[0]
  return undefined
}

/** The parameters that a format begins with; on the demonstration's board its periods are short. */
export function defaultsOf(form: FormatForm, board: string): Options {
  const options: Options = {}
  for (const field of form.fields) {
    if (field.kind === 'seconds' || field.kind === 'count') options[field.key] = board === 'demo' ? (field.demo ?? field.fallback) : field.fallback
    if (field.kind === 'choice') options[field.key] = field.choices[0] ?? ''
    if (field.kind === 'pauses') options[field.key] = [...(board === 'demo' ? field.demo : field.fallback)]
    if (field.kind === 'criteria') options[field.key] = [{ code: 'c1', zh: '技术方案', en: 'technical solution', weight: 60 }]
  }
  return options
}

/** What is sent: only what is asked for now, and no empty table or refused flag. */
export function optionsOf(form: FormatForm, options: Options, direction: Direction): Options {
  const kept = form.fields.filter((field) => isAsked(field, options, direction) && isSaid(options[field.key]))
  return Object.fromEntries(kept.map((field) => [field.key, options[field.key] as OptionValue]))
}

function isSaid(value: OptionValue | undefined): boolean {
  return value !== undefined && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0)
}

/** The fields that are asked for and empty, or out of their range. */
export function wrongFields(form: FormatForm, options: Options, direction: Direction): OptionField[] {
  return form.fields.filter((field) => isAsked(field, options, direction) && isWrong(field, options[field.key], options))
}

const isBetween = (value: unknown, least: number, most: number) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most

function isWrong(field: OptionField, value: OptionValue | undefined, options: Options): boolean {
  switch (field.kind) {
    case 'money':
      return typeof value !== 'number' || value <= 0
    case 'seconds':
    case 'count':
      return !isBetween(value, field.least, field.most)
    case 'pauses':
      return !Array.isArray(value) || value.some((one) => !isBetween(one, field.least, field.most))
    case 'ladder':
      return Array.isArray(value) && (value as [number, number][]).some(([from, step]) => !(from >= 0) || !(step > 0))
    case 'criteria':
      return !isWhole(value as Criterion[] | undefined, options.price_weight)
    default:
      return false
  }
}

/** Named criteria whose weights make exactly a hundred together with the price. */
function isWhole(rows: Criterion[] | undefined, priceWeight: OptionValue | undefined): boolean {
  if (!rows?.length || rows.some((row) => !row.zh.trim() || !row.en.trim() || !(row.weight > 0))) return false
  return rows.reduce((sum, row) => sum + row.weight, Number(priceWeight)) === 100
}
/** When a price clock has run out: the last price stands for one tick too. Null while a number is missing. */
export function clockEnd(opensAt: string | null, startFen: number | null, stepFen: number | null, options: Options, direction: Direction): string | null {
  const last = options[direction === 'forward' ? 'floor_price_fen' : 'ceiling_price_fen']
  const tick = options.tick_seconds
  if (!opensAt || !startFen || !stepFen || typeof last !== 'number' || typeof tick !== 'number') return null
  const distance = direction === 'forward' ? startFen - last : last - startFen
  if (distance <= 0) return null
  return new Date(Date.parse(opensAt) + (Math.floor(distance / stepFen) + 1) * tick * 1000).toISOString()
}

/** When the first round is over: with no act it is the end of the sale. */
export function roundEnd(opensAt: string | null, options: Options): string | null {
  const seconds = options.round_seconds
  return opensAt && typeof seconds === 'number' ? new Date(Date.parse(opensAt) + seconds * 1000).toISOString() : null
}
