/** Money is integer fen everywhere; these functions show it and read what people type. */

const DIGITS = '零壹贰叁肆伍陆柒捌玖'
const PLACES = ['', '拾', '佰', '仟']
const SECTIONS = ['', '万', '亿', '万亿']
export const MAX_FEN = 9_000_000_000_000_00

export interface AmountParts {
  sign: string
  yuan: string
  cents: string
}

export function amountParts(fen: number): AmountParts {
  const whole = Math.trunc(Math.abs(fen) / 100)
  const cents = Math.abs(fen) % 100
  return {
    sign: fen < 0 ? '−' : '',
    yuan: String(whole).replace(/\B(?=(\d{3})+$)/g, ','),
    cents: String(cents).padStart(2, '0'),
  }
}

/** 1,280,000.00 */
export function yuan(fen: number): string {
  const { sign, yuan: whole, cents } = amountParts(fen)
  return `${sign}${whole}.${cents}`
}

/** 1,280,000 when there are no fen to show, else 1,280,000.50. For increments and summaries only. */
export function yuanShort(fen: number): string {
  const { sign, yuan: whole, cents } = amountParts(fen)
  return cents === '00' ? `${sign}${whole}` : `${sign}${whole}.${cents}`
}

/** 80 万, 1.28 亿; written out when it is not exact to 万 with two decimals. In English always written out. */
export function inWan(fen: number, lang: 'zh' | 'en'): string {
  if (lang === 'en') return `¥${yuanShort(fen)}`
  const unit = fen >= 1e10 && fen % 1e8 === 0 ? { size: 1e10, word: '亿' } : { size: 1e6, word: '万' }
  if (fen < 1e6 || fen % (unit.size / 100) !== 0) return `${yuanShort(fen)} 元`
  return `${String(fen / unit.size)} ${unit.word}`
}

function section(value: number): string {
  let text = ''
  let zero = false
  for (let place = 3; place >= 0; place--) {
    const digit = Math.trunc(value / 10 ** place) % 10
    if (digit === 0) {
      zero = text !== ''
      continue
    }
    text += (zero ? '零' : '') + (DIGITS[digit] ?? '') + (PLACES[place] ?? '')
    zero = false
  }
  return text
}

function capitalInteger(value: number): string {
  let text = ''
  let gap = false
  for (let index = 3; index >= 0; index--) {
    const part = Math.trunc(value / 10_000 ** index) % 10_000
    if (part === 0) {
      gap = text !== ''
      continue
    }
    if (text !== '' && (gap || part < 1000)) text += '零'
    // 万亿 over 亿: the section of 万亿 keeps only 万 when 亿 follows.
    const next = Math.trunc(value / 10_000 ** 2) % 10_000
    text += section(part) + (index === 3 && next !== 0 ? '万' : (SECTIONS[index] ?? ''))
    gap = false
  }
  return text
}

/** 人民币壹佰贰拾捌万元整: the amount in capital numerals, as written on bills and contracts. */
export function capital(fen: number): string {
  const whole = Math.trunc(fen / 100)
  const jiao = Math.trunc(fen / 10) % 10
  const cent = fen % 10
  let text = whole > 0 ? `${capitalInteger(whole)}元` : ''
  if (jiao === 0 && cent === 0) return `人民币${text || '零元'}整`
  if (jiao > 0) text += `${DIGITS[jiao] ?? ''}角`
  else if (whole > 0) text += '零'
  text += cent > 0 ? `${DIGITS[cent] ?? ''}分` : '整'
  return `人民币${text}`
}

export type AmountFault = 'empty' | 'unreadable' | 'too_fine' | 'too_large'
export type ParsedAmount = { ok: true; fen: number } | { ok: false; fault: AmountFault }

/** Reads 1,280,000.00, ¥1280000, 128万, 1.5 亿元 and full-width digits as fen, without ever using a float. */
export function parseYuan(text: string): ParsedAmount {
  const plain = text.normalize('NFKC').replace(/[\s,，_]/g, '').replace(/^(¥|￥|CNY|RMB|人民币)/i, '').replace(/(元整|元|圆)$/, '')
  if (plain === '') return { ok: false, fault: 'empty' }
  const match = /^(\d+)(?:\.(\d*))?(万|亿)?$/.exec(plain)
  if (!match) return { ok: false, fault: 'unreadable' }
  const [, whole = '', fraction = '', unit] = match
  const shift = unit === '亿' ? 8 : unit === '万' ? 4 : 0
  const trimmed = fraction.replace(/0+$/, '')
  if (trimmed.length > shift + 2) return { ok: false, fault: 'too_fine' }
  const digits = whole + trimmed.padEnd(shift + 2, '0')
  const fen = Number(digits)
  if (digits.replace(/^0+/, '').length > 15 || fen > MAX_FEN) return { ok: false, fault: 'too_large' }
  return { ok: true, fen }
}
