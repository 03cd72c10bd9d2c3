import { describe, expect, it } from 'vitest'
import { clockEnd, defaultsOf, FORMATS, formOf, optionsOf, roundEnd, wrongFields } from '@/pages/seller/formats'
import { bodyOf, chooseFormat, directionOf, draftOf, emptyDraft, endOf, gapsOf, termsOf, type ListingDraft } from '@/pages/seller/listingDraft'

const NOW = new Date('2026-11-24T07:00:00Z')
const OPENS = '2026-12-01T02:00:00.000Z'

function fullDraft(over: Partial<ListingDraft> = {}): ListingDraft {
  return {
    ...emptyDraft('demo'),
    rights_declared: true,
    secrecy_reviewer: '科研处（虚构）',
    secrecy_on: '2026-01-05',
    secrecy_result: 'public',
    patent_id: 'p', title: '一种杨树自动修枝装置', description: '完成中试，随附小试工艺参数', encumbrances: '无',
    start_price_fen: 20_000_000, step_fen: 200_000, deposit_fen: 2_000_000, opens_at: OPENS, closes_at: '2026-12-02T02:00:00.000Z', priority: 'nobody', ...over,
  }
}

describe('a price clock', () => {
  const options = { tick_seconds: 6, floor_price_fen: 10_000_000 }
  it('runs out when its last price has stood for a tick too', () => {
    expect(clockEnd(OPENS, 20_000_000, 200_000, options, 'forward')).toBe('2026-12-01T02:05:06.000Z')
  })
  it('goes up to a ceiling where something is asked for', () => {
    expect(clockEnd(OPENS, 10_000_000, 200_000, { tick_seconds: 6, ceiling_price_fen: 20_000_000 }, 'reverse')).toBe('2026-12-01T02:05:06.000Z')
    expect(clockEnd(OPENS, 10_000_000, 200_000, options, 'reverse')).toBeNull()
  })
  it('has no end while a number is missing', () => {
    expect(clockEnd(OPENS, null, 200_000, options, 'forward')).toBeNull()
    expect(clockEnd(OPENS, 9_000_000, 200_000, options, 'forward')).toBeNull()
  })
})

describe('the formats of the form', () => {
  it('begin with defaults that are in range, but for what only the seller knows', () => {
    for (const form of FORMATS) {
      const wrong = wrongFields(form, defaultsOf(form, 'standard'), 'forward').map((field) => field.key)
      expect(wrong.filter((key) => key !== 'floor_price_fen')).toEqual([])
    }
  })
  it('send only what is asked for and said', () => {
    const form = formOf('free_limited')
    expect(optionsOf(form, defaultsOf(form, 'demo'), 'forward')).toEqual({ cycle_seconds: 20, entry: 'anybody' })
    expect(optionsOf(form, { ...defaultsOf(form, 'demo'), entry: 'free_bidders', automatic: true }, 'forward')).toEqual({ cycle_seconds: 20, entry: 'free_bidders', entry_seconds: 20, automatic: true })
    expect(optionsOf(formOf('sealed_first_price'), { one_shot: false, tie_rule: 'earliest', extra_seconds: 600 }, 'forward')).toEqual({ tie_rule: 'earliest' })
  })
  it('want the weights of a scored tender to make a hundred', () => {
    const form = formOf('scored_tender')
    const options = defaultsOf(form, 'standard')
    expect(wrongFields(form, { ...options, price_weight: 41 }, 'forward').map((field) => field.key)).toEqual(['criteria'])
  })
  it('work out an end that follows from the other numbers', () => {
    expect(roundEnd(OPENS, { round_seconds: 180 })).toBe('2026-12-01T02:03:00.000Z')
    const draft = fullDraft({ format: 'raise_or_accept', options: { round_seconds: 20, pause_seconds: 5 }, closes_at: null })
    expect(gapsOf(draft, NOW)).toEqual([])
    expect(endOf(draft)).toBe('2026-12-01T02:00:20.000Z')
  })
})

describe('choosing a format', () => {
  it('takes away what it has no use for', () => {
    const draft = fullDraft({ has_reserve: true, reserve_price_fen: 21_000_000, hard_end_at: '2026-12-03T02:00:00.000Z', priority: 'in_field', priority_holders: ['甲'] })
    chooseFormat(draft, 'dutch')
    expect([draft.has_reserve, draft.reserve_price_fen, draft.hard_end_at, draft.priority]).toEqual([false, null, null, 'post'])
    expect(gapsOf(draft, NOW).map((gap) => gap.field)).toEqual(['options'])
  })
})

describe('the right of first refusal', () => {
  it('has to be answered, and its holders named', () => {
    expect(gapsOf(fullDraft({ priority: '' }), NOW).map((gap) => gap.field)).toEqual(['priority'])
    expect(gapsOf(fullDraft({ priority: 'post' }), NOW).map((gap) => gap.field)).toEqual(['priority_holders'])
  })
  it('is sent with its time only where it is asked about afterwards', () => {
    const held = { priority_holders: ['发明人甲'], priority_seconds: 600 }
    expect(bodyOf(fullDraft({ priority: 'post', ...held }))).toMatchObject({ priority: 'post', priority_seconds: 600, priority_holders: ['发明人甲'], priority_declared: true })
    expect(bodyOf(fullDraft({ priority: 'nobody', ...held }))).toMatchObject({ priority: 'none', priority_seconds: 0, priority_holders: [], priority_declared: true })
  })
})

describe('a demand', () => {
  const draft = fullDraft({ subject: 'demand', patent_id: null, demand_id: 'd', encumbrances: '', priority: '' })
  it('is put out downwards, without encumbrances and without priority', () => {
    expect(directionOf(draft)).toBe('reverse')
    expect(gapsOf(draft, NOW)).toEqual([])
    expect(bodyOf(draft)).toMatchObject({ patent_id: null, demand_id: 'd', priority: 'none' })
    expect(termsOf(draft)?.direction).toBe('reverse')
  })
  it('comes back from the server as what it is', () => {
    const { subject: _subject, patent_id: _patent, package_id: _package, demand_id: _demand, ...rest } = draft
    const saved = draftOf({ ...rest, patent: null, package: null, demand: { id: 'd' }, priority: 'none', priority_declared: false })
    expect([saved.subject, saved.demand_id, saved.patent_id]).toEqual(['demand', 'd', null])
  })
})
