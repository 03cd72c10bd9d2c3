import { describe, expect, it } from 'vitest'
import {
  checkAmounts,
  groupRegistrationNo,
  isRegistrationNo,
  plainRegistrationNo,
} from '@/pages/deals/registrationAmounts'

describe('amounts of a registration', () => {
  it('a technology amount equal to the total is right', () => {
    expect(checkAmounts(26_000_000, 26_000_000)).toEqual({ total: null, tech: null, other_fen: 0 })
  })
  it('a technology amount above the total is refused, and no rest is shown', () => {
    expect(checkAmounts(26_000_000, 28_000_000)).toEqual({ total: null, tech: 'above_total', other_fen: null })
  })
  it('zero and empty are told apart', () => {
    expect(checkAmounts(null, 0)).toEqual({ total: 'missing', tech: 'zero', other_fen: null })
  })
})

describe('a registration number', () => {
  it('is shown in groups and read without them', () => {
    expect(groupRegistrationNo('2026370901000128')).toBe('2026-3709-01-000128')
    expect(plainRegistrationNo('2026-3709-01-000128')).toBe('2026370901000128')
  })
  it('has sixteen digits', () => {
    expect(isRegistrationNo('2026-3709-01-000128')).toBe(true)
    expect(isRegistrationNo('2026-3709-01-00012')).toBe(false)
  })
})
