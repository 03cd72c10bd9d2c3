/** Reading a transfer of the ledger: debits are positive, credits negative, and the whole is zero. Pure. */

export interface LedgerLine {
  amount_fen: number
}

export interface Balance {
  debit_fen: number
  credit_fen: number
  difference_fen: number
}

export function balanceOf(lines: readonly LedgerLine[]): Balance {
  const debit = lines.reduce((sum, line) => sum + Math.max(line.amount_fen, 0), 0)
  const credit = lines.reduce((sum, line) => sum + Math.max(-line.amount_fen, 0), 0)
  return { debit_fen: debit, credit_fen: credit, difference_fen: debit - credit }
}

/** Debits before credits, larger before smaller, as a ledger is read. */
export function inLedgerOrder<Line extends LedgerLine>(lines: readonly Line[]): Line[] {
  return [...lines].sort((a, b) => b.amount_fen - a.amount_fen)
}
