/** The amounts of a registered technology contract: 0 < technology amount <= total (技术合同认定规则 51). Pure. */

export type AmountFault = 'missing' | 'zero' | 'above_total'

export interface AmountCheck {
  total: AmountFault | null
  tech: AmountFault | null
  /** What is in the total and is not technology: equipment, materials and the like. */
  other_fen: number | null
}

export function checkAmounts(totalFen: number | null, techFen: number | null): AmountCheck {
  const total: AmountFault | null = totalFen === null ? 'missing' : totalFen <= 0 ? 'zero' : null
  let tech: AmountFault | null = techFen === null ? 'missing' : techFen <= 0 ? 'zero' : null
  if (!tech && !total && techFen !== null && totalFen !== null && techFen > totalFen) tech = 'above_total'
  const other = total || tech || totalFen === null || techFen === null ? null : totalFen - techFen
  return { total, tech, other_fen: other }
}

/** A registration number is 16 digits, written in groups of 4-4-2-6. */
export function groupRegistrationNo(number: string): string {
  return number.replace(/^(\d{4})(\d{4})(\d{2})(\d{6})$/, '$1-$2-$3-$4')
}

export function plainRegistrationNo(text: string): string {
  return text.replace(/\D/g, '')
}

export function isRegistrationNo(text: string): boolean {
  return /^\d{16}$/.test(plainRegistrationNo(text))
}
