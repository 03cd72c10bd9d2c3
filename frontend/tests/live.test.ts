import { describe, expect, it } from 'vitest'
import { uuid7 } from '../src/live/uuid7'
import { refusal } from '../src/routes/access'

describe('bid ids', () => {
  it('are version 7 UUIDs ordered by time and never equal', () => {
    const ids = Array.from({ length: 200 }, (_, index) => uuid7(1_764_000_000_000 + index))
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(Array.from({ length: 500 }, () => uuid7(1))).size).toBe(500)
    expect(parseInt(uuid7(1_764_000_000_123).replace('-', '').slice(0, 12), 16)).toBe(1_764_000_000_123)
  })
})

describe('who may open a page', () => {
  it('asks guests to sign in and tells others that it is not their post', () => {
    expect(refusal(undefined, null)).toBeNull()
    expect(refusal([], null)).toBe('sign-in')
    expect(refusal([], ['bidder'])).toBeNull()
    expect(refusal(['reviewer'], ['bidder'])).toBe('forbidden')
    expect(refusal(['reviewer', 'bidder'], ['bidder'])).toBeNull()
  })
})
