/** 统一社会信用代码 (GB 32100-2015): checked here only to help while typing; the server decides. */
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]

export type UsccVerdict =
  | { ok: true; code: string }
  | { ok: false; fault: 'length'; length: number }
  | { ok: false; fault: 'letter'; position: number; found: string }
  | { ok: false; fault: 'region' }
  | { ok: false; fault: 'check'; expected: string }

export function checkUscc(text: string): UsccVerdict {
  const code = text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()
  const wrong = [...code].findIndex((letter) => !ALPHABET.includes(letter))
  if (wrong >= 0) return { ok: false, fault: 'letter', position: wrong + 1, found: code[wrong] ?? '' }
  if (code.length !== 18) return { ok: false, fault: 'length', length: code.length }
  if (!/^\d{6}$/.test(code.slice(2, 8))) return { ok: false, fault: 'region' }
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * ALPHABET.indexOf(code[index] ?? ''), 0)
  const expected = ALPHABET[(31 - (sum % 31)) % 31] ?? ''
  return code[17] === expected ? { ok: true, code } : { ok: false, fault: 'check', expected }
}

/** The region a code names, where it names one. */
export const regionOf = (code: string): string => code.slice(2, 8)
