import { describe, expect, it } from 'vitest'
import { address } from '@/api/client'
import { activeNames, askOf, kindOf, NEWEST, readValues, writeValues } from '@/components/listState'
import { correctable, accountKey, keyAccount } from '@/pages/desk/doubleEntry'

const OWN = { q: '', sort: 'due_on', status: 'due', from_on: '', least_fen: '', tab: 'due' }

describe('what is asked of a list', () => {
  it('is read from the address, and what the address leaves out is the page’s own', () => {
    const values = readValues({ q: '北辰', status: 'paid', page: '3', from_on: ['a', 'b'] }, OWN)
    expect(values).toEqual({ q: '北辰', sort: 'due_on', status: 'paid', from_on: '', least_fen: '', tab: 'due' })
  })

  it('is written back without what is the page’s own, and leaves the rest of the address alone', () => {
    const values = { ...OWN, q: '北辰', status: 'due' }
    expect(writeValues({ other: '1', q: 'old', status: 'paid' }, values, OWN)).toEqual({ other: '1', q: '北辰' })
  })

  it('says nothing to the server where nothing was chosen, and names each of several values', () => {
    expect(askOf({ q: '', sort: NEWEST, status: 'listed,sold' }, ['status'])).toEqual({ status: ['listed', 'sold'] })
    expect(address('/listings', { status: ['listed', 'sold'], q: '' })).toBe('/api/v1/listings?status=listed&status=sold')
  })

  it('counts as narrowed what differs from the page’s own; the order and the tabs narrow nothing', () => {
    expect(activeNames({ ...OWN, sort: '-amount_fen', tab: 'paid', q: 'x', from_on: '2026-01-01' }, OWN, ['tab'])).toEqual(['q', 'from_on'])
  })

  it('words an order by what the column holds', () => {
    expect(['-due_on', 'at', 'closes_at', '-amount_fen', 'new_lines', 'payer_name'].map(kindOf)).toEqual(['day', 'day', 'day', 'count', 'count', 'text'])
  })
})

describe('a correction', () => {
  it('touches the exchange’s own accounts and those of the parties of the transfer, none that follows rows', () => {
    const kinds = correctable([{ kind: 'deposit_held', party_id: 'p', party_name: '北辰' }, { kind: 'bank', party_id: null, party_name: null }])
    expect(kinds.map((one) => one.kind)).toEqual(['bank', 'stripe_clearing', 'refund_due', 'seller_due', 'fee_income', 'commission_due'])
    expect(kinds.filter((one) => one.party_id === 'p').map((one) => one.kind)).toEqual(['refund_due', 'seller_due', 'commission_due'])
    for (const one of kinds) expect(keyAccount(accountKey(one))).toEqual({ kind: one.kind, party_id: one.party_id })
  })
})
