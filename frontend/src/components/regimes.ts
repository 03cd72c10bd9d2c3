import type { OrganisationIn } from '@/api/types'
import type { components } from '@/api/schema'

export type Regime = components['schemas']['OrganisationOut']['regime']
type Kind = OrganisationIn['kind']

/** Which kinds of seller an organisation can be; the first is what is taken where nothing is said. */
export const REGIMES_OF: Record<Kind, readonly Regime[]> = {
  university: ['state_research', 'public_institution_other', 'private_entity'],
  institute: ['state_research', 'public_institution_other', 'soe', 'private_entity'],
  company: ['private_entity', 'soe'],
  inventor: ['natural_person'],
}
