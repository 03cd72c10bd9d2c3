import { api } from '@/api/client'
import type { components } from '@/api/schema'
import type { Listing } from '@/api/types'
import { lang, t, type Key } from '@/i18n'

export type Course = components['schemas']['CourseOut']
export type Bulletin = components['schemas']['BulletinOut']
export type Petition = components['schemas']['PetitionOut']

export const SHORTEST = 5

export const readCourse = (id: string, signal?: AbortSignal) => api.get<Course>(`/listings/${id}/bulletins`, undefined, signal)

const FIELDS = ['title', 'description', 'encumbrances', 'start_price_fen', 'step_fen', 'notice_ends_at', 'opens_at', 'closes_at', 'hard_end_at'] as const

/** The names of what changed, as people call it. */
export function changedWords(changes: Record<string, unknown>): string {
  const names = FIELDS.filter((name) => name in changes).map((name) => t(`course.field_${name}` as Key))
  return names.join(lang.value === 'zh' ? '、' : ', ')
}

/** The clause of prolongation in words. */
export function clauseWords(listing: Pick<Listing, 'prolong_count' | 'prolong_times' | 'board'>): string {
  if (listing.prolong_count === null) return t('course.clause_none')
  return t(listing.board === 'demo' ? 'course.clause_demo' : 'course.clause_some', { count: listing.prolong_count, times: listing.prolong_times })
}
