import type { AuctionSnapshot } from '@/api/types'

/** The stages that a sale goes through, as far as they are sure or run; an extra round is there once it is. */
export function stagesOf(sale: Pick<AuctionSnapshot, 'format' | 'stage' | 'options' | 'priority'>): string[] {
  const stages = [...formatStages(sale)]
  if (sale.stage !== '' && !stages.includes(sale.stage) && sale.stage !== 'priority') stages.push(sale.stage)
  if (sale.priority === 'post') stages.push('priority')
  return stages
}

function formatStages({ format, options, stage }: Pick<AuctionSnapshot, 'format' | 'stage' | 'options'>): string[] {
  switch (format) {
    case 'english': return ['']
    case 'free_limited': return options.entry === 'free_bidders' ? ['free', 'entry', 'limited'] : ['free', 'limited']
    case 'sealed_first_price': case 'vickrey': return stage === 'extra' ? ['sealed', 'extra'] : ['sealed']
    case 'dutch': return ['clock']
    case 'dutch_sealed_best': return ['clock', 'sealed', 'best']
    case 'prozorro_rounds': return ['sealed', ...(stage === 'pause' ? ['pause'] : []), 'turn']
    case 'raise_or_accept': return ['round', ...(stage === 'pause' ? ['pause'] : [])]
    case 'scored_tender': return ['sealed', 'scoring']
    default: return []
  }
}
