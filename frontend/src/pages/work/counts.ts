import { shallowRef } from 'vue'
import { api, ApiProblem, type Query } from '@/api/client'
import type { components } from '@/api/schema'
import type { Page, Role } from '@/api/types'
import type { CountKey, Counts } from './rail'

/** What waits at each desk, for the rail. Read anew after every decision. */
export const counts = shallowRef<Counts>({})

interface Source {
  key: CountKey
  roles: readonly Role[]
  path: string
  queries: readonly Query[]
}

const LIMIT = 100
const SOURCES: readonly Source[] = [
  { key: 'listings', roles: ['reviewer'], path: '/listings', queries: [{ status: 'in_review' }, { status: 'accepted' }] },
  { key: 'intents', roles: ['reviewer'], path: '/intents', queries: [{ status: 'submitted' }] },
  { key: 'auctions', roles: ['host'], path: '/auctions', queries: [{ status: 'open' }, { status: 'scheduled' }] },
  { key: 'troubles', roles: ['host', 'reviewer', 'supervisor'], path: '/suspensions', queries: [{}] },
  { key: 'deposits', roles: ['finance'], path: '/deposits', queries: [{ status: 'due' }] },
  { key: 'registrations', roles: ['registrar'], path: '/registrations', queries: [{ status: 'submitted' }] },
]

async function count(source: Source): Promise<[CountKey, string] | null> {
  try {
    const answers = await Promise.all(
      source.queries.map((query) => api.get<Page<unknown>>(source.path, { ...query, limit: LIMIT })),
    )
    const number = answers.reduce((sum, page) => sum + page.items.length, 0)
    return [source.key, answers.some((page) => page.next_cursor) ? `${String(number)}+` : String(number)]
  } catch (cause) {
    if (!(cause instanceof ApiProblem)) throw cause
    // A count that could not be read is not shown; the desk itself says what is wrong.
    return null
  }
}

/** The desk of finance is asked once for all that waits there; nothing is shown where nothing waits. */
async function countMoney(): Promise<[CountKey, string][]> {
  try {
    const now = await api.get<components['schemas']['FinanceOut']>('/finance')
    const waiting: [CountKey, number][] = [
      ['lines', now.lines_open.count + now.lines_held.count + now.paid_open.count],
      ['releases', now.releasable.count + now.releases.count],
      ['orders', now.orders_first.count + now.orders_second.count + now.orders_approved.count],
      ['refunds', now.refunds_due.count],
    ]
    return waiting.map(([key, number]) => [key, String(number)])
  } catch (cause) {
    if (!(cause instanceof ApiProblem)) throw cause
    return []
  }
}

export async function readCounts(held: readonly Role[]): Promise<void> {
  const mine = SOURCES.filter((source) => source.roles.some((role) => held.includes(role)))
  const money = held.includes('finance') || held.includes('supervisor') ? countMoney() : Promise.resolve([])
  const found = await Promise.all(mine.map(count))
  counts.value = Object.fromEntries([...found.filter((entry) => entry !== null), ...(await money)])
}
