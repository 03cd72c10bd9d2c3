import { describe, expect, it } from 'vitest'
import { checkTyped, needsSecondPress, orderTicks, priceTicks, rungs } from '../src/pages/room/ladder'

const yuan = (value: number) => value * 100

describe('the ladder', () => {
  it('offers the lowest, one step more, and a rounder jump, all on the step', () => {
    expect(rungs(yuan(1_300_000), yuan(20_000))).toEqual([yuan(1_300_000), yuan(1_320_000), yuan(1_400_000)])
    for (const step of [1, 7, 200, 2_000, 12_345]) {
      const [low, next, jump] = rungs(yuan(152_000), yuan(step))
      expect([low, next]).toEqual([yuan(152_000), yuan(152_000 + step)])
      expect(jump).toBeGreaterThan(next)
      expect((jump - low) % yuan(step)).toBe(0)
    }
  })

  it('says the limit for a low amount and the two nearest for one off the step', () => {
    expect(checkTyped(yuan(90), yuan(100), yuan(10))).toEqual({ ok: false, fault: 'low', minimumFen: yuan(100) })
    expect(checkTyped(yuan(115), yuan(100), yuan(10))).toEqual({ ok: false, fault: 'off-step', belowFen: yuan(110), aboveFen: yuan(120) })
    expect(checkTyped(yuan(120), yuan(100), yuan(10))).toEqual({ ok: true, fen: yuan(120) })
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
