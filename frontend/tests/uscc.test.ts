import { describe, expect, it } from 'vitest'
import { checkUscc } from '../src/pages/public/uscc'

describe('统一社会信用代码', () => {
  it.each(['91110000600037341L', '91330100123456788G', 'N2370282MF00000054', '12100000400000018N', '5310000050001234X6', ' 9111 0000 6000 3734 1l '])('%s is right', (code) => {
    expect(checkUscc(code).ok).toBe(true)
  })

  it('says what would be right', () => {
    expect(checkUscc('911100006000373412')).toEqual({ ok: false, fault: 'check', expected: 'L' })
    expect(checkUscc('9111000060003734')).toEqual({ ok: false, fault: 'length', length: 16 })
    expect(checkUscc('9I110000600037341L')).toEqual({ ok: false, fault: 'letter', position: 2, found: 'I' })
    expect(checkUscc('91A10000600037341L')).toEqual({ ok: false, fault: 'region' })
  })
})
