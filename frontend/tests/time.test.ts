import { describe, expect, it } from 'vitest'
import { clock, countdown, dateTime, duration, fullDate, fullDateTime, millis, remaining, spoken, today } from '../src/time'

const S = 1000
const at = '2026-12-01T09:00:00.084Z'

describe('instants, in the exchange’s zone', () => {
  it('drops the year within the year', () => {
    expect(dateTime(at, Date.parse('2026-11-01T00:00:00Z'))).toBe('12-01 17:00')
    expect(dateTime(at, Date.parse('2027-01-01T00:00:00Z'))).toBe('2026-12-01 17:00')
    // 2026-12-31 16:30 UTC is already the next year in Shanghai.
    expect(dateTime('2026-12-31T16:30:00Z', Date.parse('2027-06-01T00:00:00Z'))).toBe('01-01 00:30')
  })

  it('shows seconds, milliseconds and whole dates where they are owed', () => {
    expect(fullDateTime(at)).toBe('2026-12-01 17:00:00')
    expect(fullDate(at)).toBe('2026-12-01')
    expect(clock(at)).toBe('17:00:00')
    expect(millis(at)).toBe('.084')
    expect(today('2026-11-24T02:00:00Z', 'zh')).toBe('11 月 24 日 星期二')
  })
})

describe('time left', () => {
  it('is words until five minutes, then digits, and rounds up so that zero is the end', () => {
    expect(remaining((7 * 86_400 + 3600) * S, 'zh')).toBe('7 天 1 小时')
    expect(remaining((3600 + 56 * 60) * S, 'zh')).toBe('1 小时 56 分')
    expect(remaining(42 * 60 * S, 'zh')).toBe('42 分')
    expect(remaining(300 * S, 'zh')).toBe('5 分')
    expect(remaining(299 * S, 'zh')).toBe('04:59')
    expect(remaining(1, 'zh')).toBe('00:01')
    expect(remaining(0, 'zh')).toBe('00:00')
    expect(remaining(-5 * S, 'zh')).toBe('00:00')
    expect(remaining(161 * S, 'en')).toBe('02:41')
    expect(remaining(86_400 * S, 'en')).toBe('1 d')
  })

  it('ticks in the bid room', () => {
    expect(countdown(161 * S, 'zh')).toBe('02:41')
    expect(countdown(6980 * S, 'zh')).toBe('1:56:20')
    expect(countdown(90_000 * S, 'zh')).toBe('1 天 1 小时')
  })

  it('can be said', () => {
    expect(spoken(161 * S, 'zh')).toBe('2 分 41 秒')
    expect(spoken(60 * S, 'zh')).toBe('1 分钟')
    expect(spoken(10 * S, 'en')).toBe('10 s')
    expect(duration(300, 'zh')).toBe('5 分钟')
    expect(duration(45, 'en')).toBe('45 s')
  })
})
