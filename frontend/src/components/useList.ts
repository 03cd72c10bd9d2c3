import { computed, type ComputedRef, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { Query } from '@/api/client'
import { activeNames, askOf, NEWEST, readValues, type Values, writeValues } from './listState'

export interface ListQuery {
  values: ComputedRef<Values>
  /** For the server, and for the workbook. */
  query: ComputedRef<Query>
  active: ComputedRef<string[]>
  sort: WritableComputedRef<string | null>
  set: (name: string, value: string) => void
  order: (sort: string | null) => void
  clear: () => void
  model: (name: string) => WritableComputedRef<string>
}

export interface ListOptions {
  /** Filters of several values. */
  several?: readonly string[]
  /** Filters that have a place of their own on the page, such as tabs, and need no chip. */
  tabs?: readonly string[]
  /** What never reaches the server under its own name. */
  local?: readonly string[]
}

const RANGES: Values = { q: '', sort: '', from_on: '', to_on: '', least_fen: '', most_fen: '' }

/** Keeps what is asked of a list in the page's address, so that a link to it shows the same list. */
export function useList(own: Values = {}, options: ListOptions = {}): ListQuery {
  const route = useRoute()
  const router = useRouter()
  const defaults: Values = { ...RANGES, ...own }
  const values = computed(() => readValues(route.query, defaults))
  // Several changes of one moment, such as a range that is taken back, follow each other: each starts from the last.
  let next: Values | null = null

  function write(changed: Values): void {
    next = { ...(next ?? values.value), ...changed }
    void router.replace({ path: route.path, query: writeValues(route.query, next, defaults) }).finally(() => (next = null))
  }

  const set = (name: string, value: string): void => write({ [name]: value })
  const order = (sort: string | null): void => set('sort', sort ?? (defaults.sort ? NEWEST : ''))
  const model = (name: string) => computed({ get: () => values.value[name] ?? '', set: (value: string) => set(name, value) })
  const query = computed(() => {
    const sent = Object.fromEntries(Object.entries(values.value).filter(([name]) => !options.local?.includes(name)))
    return askOf(sent, options.several)
  })
  return {
    values, query, set, model, order,
    active: computed(() => activeNames(values.value, defaults, options.tabs)),
    sort: computed({
      get: () => (values.value.sort && values.value.sort !== NEWEST ? values.value.sort : null),
      set: order,
    }),
    clear: () => write(Object.fromEntries(activeNames(values.value, defaults, options.tabs).map((name) => [name, defaults[name] ?? '']))),
  }
}
