import { lang, t, type Key } from '@/i18n'

const MARKS: Record<string, Key> = {
  no_check_digit: 'common.mark_no_check_digit',
  applicant_withheld: 'common.mark_applicant_withheld',
  legal_status_unverified: 'common.mark_legal_status_unverified',
  demonstration: 'common.mark_demonstration',
}

/** What a patent's record says of itself, in words; a mark that has none is left out. */
export function markWords(marks: readonly string[]): string[] {
  return marks.map((mark) => MARKS[mark]).filter((key) => key !== undefined).map((key) => t(key))
}

/** The same in one line. */
export function markLine(marks: readonly string[]): string {
  return markWords(marks).join(lang.value === 'zh' ? '，' : ', ')
}
