import type { Lang } from '@/i18n'

/** Times are shown in the exchange's own zone, whatever the browser's. */
const ZONE = 'Asia/Shanghai'

const parts = new Intl.DateTimeFormat('en-CA', {
  timeZone: ZONE, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  weekday: 'short',
})

/** The parts of an instant; none of one that cannot be read, so that a single odd text never takes a page with it. */
function split(instant: number): Record<string, string> {
  if (Number.isNaN(instant)) return {}
  return Object.fromEntries(parts.formatToParts(new Date(instant)).map((part) => [part.type, part.value]))
}

const toMs = (value: string | number) => (typeof value === 'number' ? value : Date.parse(value))

/** 12-01 17:00 within this year, 2027-01-05 17:00 otherwise. */
export function dateTime(value: string | number, now: number = Date.now()): string {
  const p = split(toMs(value))
  const year = p.year === split(now).year ? '' : `${p.year ?? ''}-`
  return `${year}${p.month ?? ''}-${p.day ?? ''} ${p.hour ?? ''}:${p.minute ?? ''}`
}

/** 2026-12-01 17:00:00, for documents and receipts. */
export function fullDateTime(value: string | number): string {
  const p = split(toMs(value))
  return `${p.year ?? ''}-${p.month ?? ''}-${p.day ?? ''} ${p.hour ?? ''}:${p.minute ?? ''}:${p.second ?? ''}`
}

/** 2026-12-01 */
export function fullDate(value: string | number): string {
  const p = split(toMs(value))
  return `${p.year ?? ''}-${p.month ?? ''}-${p.day ?? ''}`
}

/** 17:00:00 */
export function clock(value: string | number): string {
  const p = split(toMs(value))
  return p.hour === undefined ? '' : `${p.hour}:${p.minute ?? ''}:${p.second ?? ''}`
}

/** .084 */
export function millis(value: string | number): string {
  return `.${String(((Math.trunc(toMs(value)) % 1000) + 1000) % 1000).padStart(3, '0')}`
}

const WEEKDAYS: Record<string, string> = { Sun: '日', Mon: '一', Tue: '二', Wed: '三', Thu: '四', Fri: '五', Sat: '六' }

/** 11 月 24 日 星期二 / Tue 24 Nov */
export function today(value: string | number, lang: Lang): string {
  if (lang === 'en') {
    return new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, weekday: 'short', day: 'numeric', month: 'short' }).format(toMs(value))
  }
  const p = split(toMs(value))
  return `${String(Number(p.month))} 月 ${String(Number(p.day))} 日 星期${WEEKDAYS[p.weekday ?? ''] ?? ''}`
}

const two = (value: number) => String(value).padStart(2, '0')

/** 7 天 1 小时, 1 小时 56 分, 42 分, and mm:ss below five minutes. Rounds up to the second: 0 is shown only at the end. */
export function remaining(ms: number, lang: Lang): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const days = Math.trunc(seconds / 86_400)
  const hours = Math.trunc(seconds / 3600) % 24
  const minutes = Math.trunc(seconds / 60) % 60
  const en = lang === 'en'
  if (days > 0) return en ? `${String(days)} d${hours ? ` ${String(hours)} h` : ''}` : `${String(days)} 天${hours ? ` ${String(hours)} 小时` : ''}`
  if (hours > 0) return en ? `${String(hours)} h${minutes ? ` ${String(minutes)} min` : ''}` : `${String(hours)} 小时${minutes ? ` ${String(minutes)} 分` : ''}`
  if (seconds >= 300) return en ? `${String(minutes)} min` : `${String(minutes)} 分`
  return `${two(minutes)}:${two(seconds % 60)}`
}

/** The ticking digits of the bid room: 02:41, 1:56:20, and days in words before them. */
export function countdown(ms: number, lang: Lang): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const days = Math.trunc(seconds / 86_400)
  const hours = Math.trunc(seconds / 3600) % 24
  const minutes = two(Math.trunc(seconds / 60) % 60)
  const tail = `${minutes}:${two(seconds % 60)}`
  if (days > 0) return remaining(ms, lang)
  return hours > 0 ? `${String(hours)}:${tail}` : tail
}

/** For speech and help: 2 分 41 秒 / 2 min 41 s. */
export function spoken(ms: number, lang: Lang): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  if (seconds >= 3600) return remaining(ms, lang)
  const minutes = Math.trunc(seconds / 60)
  const rest = seconds % 60
  const said = lang === 'en'
    ? [minutes && `${String(minutes)} min`, rest && `${String(rest)} s`]
    : [minutes && `${String(minutes)} 分${rest ? '' : '钟'}`, rest && `${String(rest)} 秒`]
  return said.filter(Boolean).join(' ') || (lang === 'en' ? '0 s' : '0 秒')
}

/** A length of a rule: 300 -> 5 分钟 / 5 minutes. */
export function duration(seconds: number, lang: Lang): string {
  const en = lang === 'en'
  if (seconds % 86_400 === 0 && seconds > 0) return en ? `${String(seconds / 86_400)} d` : `${String(seconds / 86_400)} 天`
  if (seconds % 3600 === 0 && seconds > 0) return en ? `${String(seconds / 3600)} h` : `${String(seconds / 3600)} 小时`
  if (seconds % 60 === 0 && seconds > 0) return en ? `${String(seconds / 60)} min` : `${String(seconds / 60)} 分钟`
  return en ? `${String(seconds)} s` : `${String(seconds)} 秒`
}
