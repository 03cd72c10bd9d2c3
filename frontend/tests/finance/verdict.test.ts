import { describe, expect, it } from 'vitest'
import { canMatch, daysUntil, executes, needsSecond, verdictsOf } from '@/pages/finance/verdict'

const fit = (over: Partial<Parameters<typeof verdictsOf>[0]> = {}) => ({ target_kind: 'payable' as const, difference_fen: 0, has_name: true, ...over })

describe('what follows from a match', () => {
  it('counts at once when all agrees', () => {
    expect(verdictsOf(fit())).toEqual(['exact'])
    expect(canMatch(fit())).toBe(true)
  })
  it('orders back what came above the amount', () => {
    expect(verdictsOf(fit({ difference_fen: 1 }))).toEqual(['over'])
  })
  it('settles nothing with a part of the amount', () => {
    expect(verdictsOf(fit({ difference_fen: -1, has_name: false }))).toEqual(['under'])
    expect(canMatch(fit({ difference_fen: -1 }))).toBe(false)
  })
  it('holds what a third party paid for a second person, overpaid or not', () => {
    expect(verdictsOf(fit({ has_name: false, difference_fen: 5 }))).toEqual(['third_party', 'over'])
    expect(needsSecond(fit({ has_name: false }))).toBe(true)
    expect(canMatch(fit({ has_name: false }))).toBe(true)
  })
  it('never lets another than the bidder pay a deposit', () => {
    expect(verdictsOf(fit({ target_kind: 'deposit', has_name: false }))).toEqual(['not_buyer'])
    expect(canMatch(fit({ target_kind: 'deposit', has_name: false }))).toBe(false)
  })
})

describe('what a line of money that went executes', () => {
  it('is an order of its amount to its account', () => {
    expect(executes('6222', { difference_fen: 0, has_account: true, has_name: false })).toBe(true)
    expect(executes('6222', { difference_fen: 1, has_account: true, has_name: true })).toBe(false)
    expect(executes('6222', { difference_fen: 0, has_account: false, has_name: true })).toBe(false)
  })
  it('goes by the name where the bank printed no account', () => {
    expect(executes('', { difference_fen: 0, has_account: false, has_name: true })).toBe(true)
  })
})

it('counts whole days to a day, and back from one that has passed', () => {
  expect(daysUntil('2026-11-25', '2026-11-22')).toBe(3)
  expect(daysUntil('2026-11-22', '2026-11-22')).toBe(0)
  expect(daysUntil('2026-02-28', '2026-03-01')).toBe(-1)
})
