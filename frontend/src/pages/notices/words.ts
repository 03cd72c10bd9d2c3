import type { components } from '@/api/schema'
import type { State } from '@/components/states'
import { t } from '@/i18n'

export type Notice = components['schemas']['NoticeOut']
export type Objection = components['schemas']['ObjectionOut']

export const NOTICE: Record<Notice['status'], State> = {
  draft: { word: 'notices.draft', mark: 'ring', tone: 'wait' },
  running: { word: 'notices.running', mark: 'half', tone: 'live' },
  suspended: { word: 'notices.suspended', mark: 'stop', tone: 'act' },
  completed: { word: 'notices.completed', mark: 'check', tone: 'ok' },
  terminated: { word: 'notices.terminated', mark: 'end', tone: 'end' },
  withdrawn: { word: 'notices.withdrawn', mark: 'end', tone: 'end' },
  void: { word: 'notices.void', mark: 'end', tone: 'end' },
}

export const MODES = ['assign', 'license', 'joint_implement', 'invest_in_kind', 'other'] as const

/** 15 日 */
export function periodWords(period: Notice['period']): string {
  return t(`notices.unit_${period.unit}`, { count: period.count })
}
