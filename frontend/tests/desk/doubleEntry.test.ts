import { describe, expect, it } from 'vitest'
import { balanceOf, inLedgerOrder } from '@/pages/desk/doubleEntry'

describe('a transfer of the ledger', () => {
  it('sums to zero when every debit has its credit', () => {
    expect(balanceOf([{ amount_fen: 8_000_000 }, { amount_fen: -8_000_000 }])).toEqual({
      debit_fen: 8_000_000,
      credit_fen: 8_000_000,
      difference_fen: 0,
    })
  })
  it('shows what is missing when it does not', () => {
    expect(balanceOf([{ amount_fen: 100 }, { amount_fen: -60 }]).difference_fen).toBe(40)
  })
  it('is read debits first', () => {
    expect(inLedgerOrder([{ amount_fen: -5 }, { amount_fen: 5 }]).map((line) => line.amount_fen)).toEqual([5, -5])
  })
})
