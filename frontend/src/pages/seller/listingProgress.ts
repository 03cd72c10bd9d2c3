/** The steps that a seller's own listing goes through, with what is done, what is now and what comes. Pure. */

export interface ProgressFacts {
  status: 'draft' | 'in_review' | 'returned' | 'accepted' | 'listed' | 'suspended' | 'sold' | 'unsold' | 'terminated'
  created_at: string
  submitted_at: string | null
  published_at: string | null
  opens_at: string | null
  closes_at: string | null
  auction: { status: 'scheduled' | 'open' | 'suspended' | 'sold' | 'unsold' | 'void'; ends_at: string } | null
}

export type StepState = 'done' | 'now' | 'next' | 'over'

export interface Step {
  key: 'filled' | 'review' | 'publish' | 'intents' | 'bidding' | 'deal'
  state: StepState
  at: string | null
}

const ORDER: readonly Step['key'][] = ['filled', 'review', 'publish', 'intents', 'bidding', 'deal']

function currentStep(facts: ProgressFacts): number {
  switch (facts.status) {
    case 'draft':
    case 'returned':
      return 0
    case 'in_review':
      return 1
    case 'accepted':
      return 2
    case 'suspended':
      return 3
    case 'listed':
      return facts.auction && facts.auction.status !== 'scheduled' ? 4 : 3
    case 'sold':
    case 'unsold':
    case 'terminated':
      return 5
  }
}

export function stepsOf(facts: ProgressFacts): Step[] {
  const current = currentStep(facts)
  const times: Record<Step['key'], string | null> = {
    filled: facts.submitted_at ?? facts.created_at,
    review: null,
    publish: facts.published_at,
    intents: facts.opens_at,
    bidding: facts.auction?.ends_at ?? facts.closes_at,
    deal: null,
  }
  return ORDER.map((key, index) => ({ key, at: times[key], state: stateOf(index, current, facts.status) }))
}

function stateOf(index: number, current: number, status: ProgressFacts['status']): StepState {
  if (index < current) return 'done'
  if (index > current) return 'next'
  if (status === 'sold') return 'done'
  return status === 'unsold' || status === 'terminated' ? 'over' : 'now'
}
