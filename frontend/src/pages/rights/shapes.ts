import type { components } from '@/api/schema'

type Schemas = components['schemas']

export type ListedRights = Schemas['ListedRightsOut']
export type PatentRight = Schemas['PatentRightOut']
export type RightConsent = Schemas['RightConsentOut']
export type ExportFinding = Schemas['ExportFindingOut']
export type NewRight = Schemas['PatentRightIn']
export type ExportClass = ExportFinding['export_class']
