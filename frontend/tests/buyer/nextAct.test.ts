import { describe, expect, it } from 'vitest'
import { nextAct } from '@/pages/buyer/nextAct'

const room = (status: 'scheduled' | 'open' | 'sold' | 'unsold') => ({ id: 'a', status, ends_at: '2026-12-01T00:00:00Z' })
const deposit = (status: 'due' | 'held') => ({ id: 'd', amount_fen: 1, status, reference: 'BZ123456784' })

describe('the next act of a buyer', () => {
  it('is nothing while the desk is checking, and nothing after a rejection', () => {
    expect(nextAct({ status: 'submitted', deposit: null, auction: room('scheduled') })).toBeNull()
    expect(nextAct({ status: 'rejected', deposit: null, auction: room('scheduled') })).toBeNull()
  })
  it('is the deposit once qualified', () => {
    expect(nextAct({ status: 'qualified', deposit: deposit('due'), auction: room('scheduled') })).toEqual({
      word: 'buyer.next_qualified', to: '/my/deposits', isMine: true,
    })
  })
  it('is the bid room once admitted: to wait before it opens, to bid when it has', () => {
    expect(nextAct({ status: 'admitted', deposit: deposit('held'), auction: room('scheduled') })?.word).toBe('buyer.next_admitted_wait')
    expect(nextAct({ status: 'admitted', deposit: deposit('held'), auction: room('open') })).toEqual({
      word: 'buyer.next_admitted', to: '/auctions/a', isMine: true,
    })
  })
  it('is only a look at the record when the sale went to somebody else', () => {
    expect(nextAct({ status: 'lost', deposit: deposit('held'), auction: room('sold') })?.isMine).toBe(false)
  })
})
