import { describe, expect, it } from 'vitest'
import { linesOf, readDays } from '../../src/pages/desk/calendarLines'
import { bodyOf, emptyDraft, isComplete } from '../../src/pages/notices/noticeDraft'

describe('a notice', () => {
  const draft = { ...emptyDraft(), listing_id: 'x', achievement_name: ' 装置 ', price_fen: 100, transferee_id: 'a' }

  it('is complete with a sale, a name, a price and a transferee', () => {
    expect(isComplete(emptyDraft())).toBe(false)
    expect(isComplete(draft)).toBe(true)
    expect(isComplete({ ...draft, transferee_id: null })).toBe(false)
    expect(isComplete({ ...draft, days: 'x' })).toBe(false)
  })

  it('names another transferee by its credit code, and leaves an empty period to the rule', () => {
    expect(bodyOf(draft)).toMatchObject({ achievement_name: '装置', transferee_id: 'a', transferee_uscc: null, period: null })
    const other = bodyOf({ ...draft, transferee_uscc: ' 91 ', days: '20', involved: '甲\n\n 乙 ' })
    expect(other).toMatchObject({ transferee_id: null, transferee_uscc: '91', period: { count: 20, unit: 'day' }, involved: ['甲', '乙'] })
  })
})

describe('days of the calendar', () => {
  const days = [{ on: '2026-10-01', name: '国庆节', is_working: false }, { on: '2026-10-10', name: '国庆节调休上班', is_working: true }]

  it('are read as they were written', () => {
    expect(linesOf(days)).toBe('2026-10-01 国庆节\n2026-10-10 国庆节调休上班 班')
    expect(readDays(linesOf(days))).toEqual({ ok: true, days })
  })

  it('name the first line that is none', () => {
    expect(readDays('2026-10-01 国庆节\n\n10月2日 国庆节')).toEqual({ ok: false, line: 3, text: '10月2日 国庆节' })
  })
})
