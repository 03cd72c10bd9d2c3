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

/** What a transfer may record, as the server names it. */
export const TRANSFER_KINDS = [
  'deposit_received', 'deposit_released', 'deposit_captured', 'deposit_forfeited', 'deposit_lapsed',
  'line_received', 'payable_received', 'overpayment', 'line_returned', 'price_released',
  'price_returned', 'price_forfeited', 'forfeit_applied', 'fee_charged', 'commission_earned',
  'distribution_made', 'payment_executed', 'payment_returned', 'card_received', 'card_refunded',
  'deposit_interest', 'card_disputed', 'dispute_won', 'dispute_lost', 'card_settled',
  'correction',
] as const

/** Accounts that are corrected by hand; what is held, in escrow or in suspense follows rows that have acts of their own. */
const BY_HAND = ['bank', 'stripe_clearing', 'refund_due', 'seller_due', 'fee_income', 'commission_due'] as const
const OF_NOBODY: readonly string[] = ['bank', 'stripe_clearing', 'fee_income']

export interface Correctable {
  kind: string
  party_id: string | null
  party_name: string | null
}

/** The accounts that a correction of these entries may touch: the exchange's own, and those of the parties in them. */
export function correctable(entries: readonly Correctable[]): Correctable[] {
  const parties = new Map(entries.filter((one) => one.party_id).map((one) => [one.party_id, one.party_name]))
  return BY_HAND.flatMap((kind) => (OF_NOBODY.includes(kind)
    ? [{ kind, party_id: null, party_name: null }]
    : [...parties].map(([party_id, party_name]) => ({ kind, party_id, party_name }))))
}

export const accountKey = (one: Correctable): string => `${one.kind} ${one.party_id ?? ''}`

export function keyAccount(key: string): { kind: string; party_id: string | null } {
  const [kind = '', party = ''] = key.split(' ')
  return { kind, party_id: party || null }
}
