import { describe, expect, it } from 'vitest'
import { bodyOf, chooseRights, draftOf, emptyDraft, gapsOf, hasBidding, type ListingDraft } from '@/pages/seller/listingDraft'

const NOW = new Date('2026-11-24T07:00:00Z')

function licence(over: Partial<ListingDraft> = {}): ListingDraft {
  const draft: ListingDraft = {
    ...emptyDraft('standard'),
    rights_declared: true,
    secrecy_reviewer: '科研处（虚构）',
    secrecy_on: '2026-01-05',
    secrecy_result: 'public',
    patent_id: 'p', title: '装置', description: '完成中试，随附小试工艺参数', encumbrances: '无', start_price_fen: 100_000, closes_at: '2026-12-20T02:00:00.000Z',
    territory: 'CN', licence_from: '2026-12-01', licence_to: '2030-11-30', sublicence: false,
  }
  chooseRights(draft, 'ordinary')
  return { ...draft, ...over }
}

describe('a licence that is offered', () => {
  it('at a price to many needs no bidding and no answer about the priority', () => {
    expect(licence().method).toBe('listed')
    expect(hasBidding(licence())).toBe(false)
    expect(gapsOf(licence(), NOW)).toEqual([])
  })
  it('says where, from when until when, and whether it may be sublicensed', () => {
    const gaps = gapsOf(licence({ territory: null, licence_from: null, licence_to: null, sublicence: null }), NOW)
    expect(gaps.map((gap) => gap.field)).toEqual(['territory', 'licence_from', 'licence_to', 'sublicence'])
    expect(gapsOf(licence({ licence_to: '2026-11-30' }), NOW)).toEqual([{ field: 'licence_to', reason: 'licence_order' }])
  })
  it('is sent with its terms, and an assignment without any', () => {
    expect(bodyOf(licence())).toMatchObject({ rights: 'ordinary', method: 'listed', territory: 'CN', field_of_use: '', sublicence: false, step_fen: null, notice_ends_at: null })
    expect(bodyOf(licence({ rights: 'assignment' }))).toMatchObject({ rights: 'assignment', territory: null, licence_from: null, sublicence: null, accepts_earlier: false })
    expect(bodyOf(licence({ subject: 'package', package_id: 'q' })).rights).toBe('assignment')
  })
  it('comes back from the server as it was sent', () => {
    const sent = bodyOf(licence())
    const kept = draftOf({ ...sent, patent: { id: 'p' }, package: null, demand: null, reserve_price_fen: null, has_reserve: false } as never)
    expect(kept).toMatchObject({ rights: 'ordinary', territory: 'CN', licence_to: '2030-11-30', sublicence: false })
  })
})
