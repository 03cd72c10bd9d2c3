import { describe, expect, it } from 'vitest'
import { clockPrice, tickShare } from '../../src/pages/room/dutch'
import { countdownOf } from '../../src/pages/room/clockWords'
import { makeSale, OPENS } from './sales'

const START = Date.parse(OPENS)
const at = (seconds: number) => START + seconds * 1000
const told = (step: number, fen: number, nextSeconds: number | null) => ({ step, asking_fen: fen, next_tick_at: nextSeconds === null ? null : new Date(at(nextSeconds)).toISOString() })
const falling = (over = {}) => makeSale({
  format: 'dutch', stage: 'clock', start_price_fen: 1000_00, step_fen: 100_00, options: { tick_seconds: 60, floor_price_fen: 600_00 },
  detail: told(0, 1000_00, 60), ends_at: new Date(at(300)).toISOString(), ...over,
})

describe('the price clock', () => {
  it('stands at its first price until the first tick', () => {
    expect(clockPrice(falling(), at(0))).toMatchObject({ step: 0, fen: 1000_00, nextFen: 900_00, nextAt: at(60), lastFen: 600_00, lastStep: 4 })
    expect(clockPrice(falling(), at(59.999))?.fen).toBe(1000_00)
  })

  it('ticks at its own instants, however late the server tells it', () => {
    expect(clockPrice(falling(), at(60))).toMatchObject({ step: 1, fen: 900_00, nextFen: 800_00, nextAt: at(120) })
    expect(clockPrice(falling(), at(185))).toMatchObject({ step: 3, fen: 700_00, nextFen: 600_00, nextAt: at(240) })
    expect(clockPrice(falling({ detail: told(2, 800_00, 180) }), at(185))).toMatchObject({ step: 3, fen: 700_00 })
  })

  it('ends at its floor and goes no further', () => {
    for (const seconds of [240, 299, 10_000]) expect(clockPrice(falling(), at(seconds))).toMatchObject({ step: 4, fen: 600_00, nextFen: null, nextAt: null })
    expect(clockPrice(falling({ detail: told(4, 600_00, null) }), at(250))).toMatchObject({ step: 4, nextFen: null })
  })

  it('rises towards a ceiling in a reverse sale', () => {
    const rising = falling({ direction: 'reverse', start_price_fen: 600_00, options: { tick_seconds: 60, ceiling_price_fen: 1000_00 }, detail: told(0, 600_00, 60) })
    expect(clockPrice(rising, at(130))).toMatchObject({ step: 2, fen: 800_00, nextFen: 900_00, isRising: true })
  })

  it('stands still before the opening and while the sale is suspended', () => {
    expect(clockPrice(falling({ status: 'scheduled' }), at(500))?.fen).toBe(1000_00)
    expect(clockPrice(falling({ status: 'suspended', detail: told(2, 800_00, 180) }), at(500))?.fen).toBe(800_00)
  })

  it('is none once it was taken, or in another format', () => {
    expect(clockPrice(falling({ stage: 'taken' }), at(10))).toBeNull()
    expect(clockPrice(makeSale(), at(10))).toBeNull()
  })

  it('tells how much of the tick has run', () => {
    const price = clockPrice(falling(), at(15))
    expect(price && tickShare(price, at(15))).toBeCloseTo(0.25)
    const last = clockPrice(falling(), at(250))
    expect(last && tickShare(last, at(250))).toBe(1)
  })
})

describe('the countdown', () => {
  it('leads to the next tick of a price clock, and on the last price to the end', () => {
    expect(countdownOf(falling(), at(15), false)).toMatchObject({ digits: '00:45', caption: '距下一档' })
    expect(countdownOf(falling(), at(260), false)).toMatchObject({ digits: '00:40', caption: '最后一档，距结束' })
  })

  it('names the stage, and stands still in a suspension', () => {
    expect(countdownOf(makeSale({ format: 'vickrey', stage: 'sealed', ends_at: new Date(at(30)).toISOString() }), at(0), false)).toMatchObject({ digits: '00:30', caption: '距开启' })
    const stopped = falling({ status: 'suspended', stage: '', suspension: { reason_zh: '', reason_en: '', at: new Date(at(178)).toISOString() } })
    expect(countdownOf(stopped, at(9999), false)).toMatchObject({ digits: '02:02', caption: '计时暂停' })
  })
})
