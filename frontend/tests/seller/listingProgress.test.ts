import { describe, expect, it } from 'vitest'
import { stepsOf, type ProgressFacts } from '@/pages/seller/listingProgress'

function facts(over: Partial<ProgressFacts> = {}): ProgressFacts {
  return {
    status: 'draft',
    created_at: '2026-11-20T00:00:00Z',
    submitted_at: null,
    published_at: null,
    opens_at: null,
    closes_at: null,
    auction: null,
    ...over,
  }
}

function states(over: Partial<ProgressFacts>): string {
  return stepsOf(facts(over)).map((step) => step.state).join(' ')
}

describe('progress of a listing', () => {
  it('a returned listing is with the seller again', () => {
    expect(states({ status: 'returned' })).toBe('now next next next next next')
  })
  it('a listed one takes intents until its auction opens', () => {
    expect(states({ status: 'listed' })).toBe('done done done now next next')
    expect(states({ status: 'listed', auction: { status: 'open', ends_at: '2026-12-01T00:00:00Z' } })).toBe(
      'done done done done now next',
    )
  })
  it('a sale ends done, no sale ends over', () => {
    expect(states({ status: 'sold' })).toBe('done done done done done done')
    expect(states({ status: 'unsold' })).toBe('done done done done done over')
  })
})
