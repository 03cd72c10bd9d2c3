import { expect, it } from 'vitest'
import { nextSort, sortOf } from '@/components/sorting'

it('goes from the largest to the smallest and back to the order of the list', () => {
  expect(nextSort(null, 'due_on')).toBe('-due_on')
  expect(nextSort('-due_on', 'due_on')).toBe('due_on')
  expect(nextSort('due_on', 'due_on')).toBe(null)
  expect(nextSort('-amount_fen', 'due_on')).toBe('-due_on')
})

it('says which way a column is sorted', () => {
  expect(sortOf('-due_on', 'due_on')).toBe('descending')
  expect(sortOf('due_on', 'due_on')).toBe('ascending')
  expect(sortOf('due_on', 'amount_fen')).toBe('none')
})
