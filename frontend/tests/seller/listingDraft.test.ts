import { describe, expect, it } from 'vitest'
import { emptyDraft, gapsOf, type ListingDraft } from '@/pages/seller/listingDraft'
import { fromLocalInput, presetsOf, toLocalInput } from '@/pages/seller/listingTimes'

const NOW = new Date('2026-11-24T07:00:00Z')

function fullDraft(over: Partial<ListingDraft> = {}): ListingDraft {
  return {
    ...emptyDraft('standard'),
    rights_declared: true,
    secrecy_reviewer: '科研处（虚构）',
    secrecy_on: '2026-01-05',
    secrecy_result: 'public',
    patent_id: 'p',
    title: '一种杨树自动修枝装置',
    description: '完成中试，随附小试工艺参数',
    encumbrances: '无',
    start_price_fen: 28_000_000,
    step_fen: 1_000_000,
    deposit_fen: 2_800_000,
    opens_at: '2026-12-01T02:00:00.000Z',
    closes_at: '2026-12-02T02:00:00.000Z',
    priority: 'nobody',
    ...over,
  }
}

describe('gaps of a listing draft', () => {
  it('a full draft has none', () => {
    expect(gapsOf(fullDraft(), NOW)).toEqual([])
  })
  it('an empty draft lists its gaps in the order of the form', () => {
    expect(gapsOf(emptyDraft('standard'), NOW).map((gap) => gap.field)).toEqual([
      'patent_id', 'title', 'description', 'encumbrances', 'start_price_fen', 'step_fen', 'deposit_fen',
      'priority', 'opens_at', 'closes_at',
      'rights_declared', 'secrecy_reviewer', 'secrecy_on', 'secrecy_result',
    ])
  })
  it('what a secrecy review did not find public is a gap', () => {
    for (const result of ['internal', 'classified'] as const) expect(gapsOf(fullDraft({ secrecy_result: result }), NOW)).toEqual([{ field: 'secrecy_result', reason: 'not_public' }])
  })
  it('a deposit above the start price is a gap', () => {
    expect(gapsOf(fullDraft({ deposit_fen: 28_000_001 }), NOW)).toEqual([{ field: 'deposit_fen', reason: 'above_start' }])
  })
  it('a reserve below the start price is a gap, and so is an announced reserve that is not filled in', () => {
    expect(gapsOf(fullDraft({ has_reserve: true, reserve_price_fen: 1 }), NOW)[0]?.reason).toBe('below_start')
    expect(gapsOf(fullDraft({ has_reserve: true }), NOW)[0]?.reason).toBe('missing')
  })
  it('an opening in the past, a closing before it and a hard end before the closing are gaps', () => {
    const draft = fullDraft({
      opens_at: '2026-11-23T00:00:00.000Z',
      closes_at: '2026-11-22T00:00:00.000Z',
      hard_end_at: '2026-11-21T00:00:00.000Z',
    })
    expect(gapsOf(draft, NOW).map((gap) => gap.reason)).toEqual(['past', 'order', 'hard_end'])
  })
})

describe('times of a listing', () => {
  it('are typed in Shanghai time and sent in UTC', () => {
    expect(fromLocalInput('2026-12-01T17:00')).toBe('2026-12-01T09:00:00.000Z')
    expect(toLocalInput('2026-12-01T09:00:00.000Z')).toBe('2026-12-01T17:00:00')
  })
  it('are null when the control is empty or broken', () => {
    expect(fromLocalInput('')).toBeNull()
    expect(fromLocalInput('soon')).toBeNull()
  })
  it('a standard preset opens at ten in the morning of Shanghai', () => {
    expect(presetsOf('standard', NOW)[0]?.opens_at).toBe('2026-11-27T02:00:00.000Z')
  })
  it('every preset passes the form', () => {
    for (const board of ['standard', 'demo'] as const) {
      for (const preset of presetsOf(board, NOW)) {
        expect(gapsOf(fullDraft({ opens_at: preset.opens_at, closes_at: preset.closes_at }), NOW)).toEqual([])
      }
    }
  })
})
