import { reactive } from 'vue'

export interface ReceiptDraft {
  amount_fen: number | null
  payer_name: string
  bank_reference: string
  received_on: string
}

const drafts = new Map<string, ReceiptDraft>()

/** What finance has typed for a deposit; going to another one and back loses nothing. */
export function receiptDraft(depositId: string): ReceiptDraft {
  const known = drafts.get(depositId)
  if (known) return known
  const fresh = reactive<ReceiptDraft>({ amount_fen: null, payer_name: '', bank_reference: '', received_on: '' })
  drafts.set(depositId, fresh)
  return fresh
}
