import type { MarkLine } from '@/live/history'
import { countIn, listIn, textIn } from '@/live/read_body'
import { stageName } from '@/components/formatWords'
import { pick, t } from '@/i18n'
import { yuan } from '@/money'
import { clock } from '@/time'

/** One line of the history that is no bid: what happened, in a sentence. */
export function markWords({ kind, body }: Pick<MarkLine, 'kind' | 'body'>): string {
  const endsAt = textIn(body, 'ends_at')
  const time = endsAt === null ? '' : clock(endsAt)
  const code = textIn(body, 'bidder') ?? ''
  switch (kind) {
    case 'auction_opened': return t('format.mark_auction_opened')
    case 'stage_began': case 'stage_opened': return stageWords(body, time)
    case 'scores_locked': return t('format.mark_scores_locked')
    case 'scores_opened': return t('format.mark_scores_opened')
    case 'bidder_entered': return t('format.mark_bidder_entered', { code })
    case 'turn_ended': return turnWords(body)
    case 'envelopes_opened': return t('format.mark_envelopes_opened', { count: listIn(body, 'openings').length })
    case 'auction_suspended': return t('format.mark_auction_suspended', { reason: pick(textIn(body, 'reason_zh') ?? '', textIn(body, 'reason_en') ?? '') })
    case 'auction_resumed': return t('format.mark_auction_resumed', { time })
    case 'priority_asked': return t('format.mark_priority_asked', { time })
    case 'priority_exercised': return t('format.mark_priority_exercised', { code })
    case 'priority_waived': return t('format.mark_priority_waived', { code })
    case 'auction_closed': return endWords(body)
    case 'price_fell': case 'price_rose': return t(kind === 'price_fell' ? 'format.mark_price_fell' : 'format.mark_price_rose', { step: (countIn(body, 'step') ?? 0) + 1, amount: yuan(countIn(body, 'asking_fen') ?? 0) })
    case 'bid_accepted': return t('format.mark_bid', { code, amount: yuan(countIn(body, 'amount_fen') ?? 0) })
    case 'auction_scheduled': return t('format.mark_auction_scheduled')
    default: return t('format.mark_other', { kind })
  }
}

function stageWords(body: Record<string, unknown>, time: string): string {
  const stage = textIn(body, 'stage') ?? ''
  const round = countIn(body, 'round')
  const roundFen = countIn(body, 'round_fen')
  if (round !== null && roundFen !== null) return t('format.mark_round', { round, amount: yuan(roundFen) })
  if (stage === 'turn' && round !== null) return t('format.mark_turn', { round, code: textIn(body, 'whose') ?? '', time })
  const name = stageName(stage) || stage
  // Scores come when they come: that stage has no end to tell.
  if (stage === 'scoring') return t('format.mark_stage', { stage: name })
  return round === null ? t('format.mark_stage_until', { stage: name, time }) : t('format.mark_round_pause', { round, time })
}

function turnWords(body: Record<string, unknown>): string {
  const values = { code: textIn(body, 'bidder') ?? '', round: countIn(body, 'round') ?? 1, amount: yuan(countIn(body, 'amount_fen') ?? 0) }
  return t(body.is_changed === true ? 'format.mark_turn_bid' : 'format.mark_turn_kept', values)
}

function endWords(body: Record<string, unknown>): string {
  if (body.outcome === 'sold') return t('format.mark_sold', { code: textIn(body, 'winner') ?? '', amount: yuan(countIn(body, 'price_fen') ?? 0) })
  return t(body.outcome === 'void' ? 'format.mark_void' : 'format.mark_unsold')
}
