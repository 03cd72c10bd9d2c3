import { describe, expect, it } from 'vitest'
import { limitAfter, stepAt } from '../src/live/steps'
import { checkTyped, needsSecondPress, orderTicks, priceTicks, rungs } from '../src/pages/room/ladder'

const yuan = (value: number) => value * 100

const rising = (limitYuan: number, stepYuan: number) => ({ limitFen: yuan(limitYuan), stepFen: yuan(stepYuan), isReverse: false })
const falling = (limitYuan: number, stepYuan: number) => ({ limitFen: yuan(limitYuan), stepFen: yuan(stepYuan), isReverse: true })

describe('the ladder', () => {
  it('offers the lowest, one step more, and a rounder jump, all on the step', () => {
    expect(rungs(rising(1_300_000, 20_000))).toEqual([yuan(1_300_000), yuan(1_320_000), yuan(1_400_000)])
    for (const step of [1, 7, 200, 2_000, 12_345]) {
      const [low = 0, next = 0, jump = 0] = rungs(rising(152_000, step))
      expect([low, next]).toEqual([yuan(152_000), yuan(152_000 + step)])
      expect(jump).toBeGreaterThan(next)
      expect((jump - low) % yuan(step)).toBe(0)
    }
  })

  it('turned round offers the highest and what lies below, never zero or less', () => {
    expect(rungs(falling(1_300_000, 20_000))).toEqual([yuan(1_300_000), yuan(1_280_000), yuan(1_200_000)])
    expect(rungs(falling(30, 20))).toEqual([yuan(30), yuan(10)])
    expect(rungs(falling(10, 20))).toEqual([yuan(10)])
  })

  it('takes the step of the price that is left from a table, and the limit from it', () => {
    const rules = { step_fen: 10_00, direction: 'forward' as const, options: { ladder: [[0, 10_00], [500_00, 50_00]] } }
    expect(stepAt(rules, 499_99)).toBe(10_00)
    expect(stepAt(rules, 500_00)).toBe(50_00)
    expect(limitAfter(rules, 495_00)).toBe(505_00)
    expect(limitAfter({ ...rules, direction: 'reverse' }, 505_00)).toBe(455_00)
    expect(limitAfter({ ...rules, options: {} }, 505_00)).toBe(515_00)
  })

  it('says the limit for a low amount and the two nearest for one off the step', () => {
    expect(checkTyped(yuan(90), rising(100, 10))).toEqual({ ok: false, fault: 'beyond', limitFen: yuan(100) })
    expect(checkTyped(yuan(115), rising(100, 10))).toEqual({ ok: false, fault: 'off-step', belowFen: yuan(110), aboveFen: yuan(120) })
    expect(checkTyped(yuan(120), rising(100, 10))).toEqual({ ok: true, fen: yuan(120) })
    expect(checkTyped(yuan(115), rising(100, 10), true)).toEqual({ ok: true, fen: yuan(115) })
    expect(checkTyped(yuan(101), falling(100, 10))).toEqual({ ok: false, fault: 'beyond', limitFen: yuan(100) })
    expect(checkTyped(yuan(85), falling(100, 10))).toEqual({ ok: false, fault: 'off-step', belowFen: yuan(80), aboveFen: yuan(90) })
    expect(checkTyped(yuan(80), falling(100, 10))).toEqual({ ok: true, fen: yuan(80) })
  })

  it('asks for a second press above the ceiling, and always when none is set', () => {
    expect(needsSecondPress(yuan(100), null)).toBe(true)
    expect(needsSecondPress(yuan(100), yuan(100))).toBe(false)
    expect(needsSecondPress(yuan(100) + 1, yuan(100))).toBe(true)
  })
})

describe('the axes of the price chart', () => {
  it('has round ticks around the data', () => {
    const ticks = priceTicks(yuan(800_000), yuan(1_280_000))
    expect(ticks).toEqual([800_000, 1_000_000, 1_200_000, 1_400_000].map(yuan))
    expect(priceTicks(yuan(100), yuan(100)).length).toBeGreaterThan(1)
  })

  it('names the first and the last bid', () => {
    expect(orderTicks(0)).toEqual([])
    expect(orderTicks(1)).toEqual([1])
    expect(orderTicks(21)).toEqual([1, 5, 10, 15, 21])
    expect(orderTicks(5000).at(-1)).toBe(5000)
  })
})
