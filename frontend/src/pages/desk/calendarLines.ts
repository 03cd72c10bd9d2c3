import type { components } from '@/api/schema'

export type SpecialDay = components['schemas']['SpecialDayWire']
export type ReadDays = { ok: true; days: SpecialDay[] } | { ok: false; line: number; text: string }

const LINE = /^(\d{4}-\d{2}-\d{2})\s+(\S.*?)(\s+班)?$/

/** 2026-10-10 国庆节调休上班 班 */
export function linesOf(days: readonly SpecialDay[]): string {
  return days.map((day) => `${day.on} ${day.name}${day.is_working ? ' 班' : ''}`).join('\n')
}

/** Reads one day a line; the first line that is none is named. */
export function readDays(text: string): ReadDays {
  const days: SpecialDay[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '') continue
    const [, on, name, worked] = LINE.exec(line) ?? []
    if (!on || !name) return { ok: false, line: index + 1, text: line }
    days.push({ on, name, is_working: worked !== undefined })
  }
  return { ok: true, days }
}
