import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { api, ApiProblem, type Query } from '@/api/client'
import type { Page } from '@/api/types'

export interface Pages<T> {
  items: ShallowRef<T[]>
  problem: ShallowRef<ApiProblem | null>
  isLoading: Ref<boolean>
  /** True when the first answer is there: an empty list is known to be empty. */
  isRead: Ref<boolean>
  hasMore: ComputedRef<boolean>
  reload: () => Promise<void>
  more: () => Promise<void>
}

/** Reads a list by its cursor. `query` is asked again at each reload; what was read stays until the new answer is there. */
export function pages<T>(path: string, query: () => Query = () => ({})): Pages<T> {
  const items = shallowRef<T[]>([])
  const problem = shallowRef<ApiProblem | null>(null)
  const isLoading = ref(false)
  const isRead = ref(false)
  const cursor = ref<string | null>(null)
  let round = 0

  async function read(from: string | null): Promise<void> {
    const mine = ++round
    isLoading.value = true
    try {
      const page = await api.get<Page<T>>(path, { limit: 50, ...query(), cursor: from })
      if (mine !== round) return
      items.value = from ? [...items.value, ...page.items] : page.items
      cursor.value = page.next_cursor
      problem.value = null
      isRead.value = true
    } catch (cause) {
      if (!(cause instanceof ApiProblem)) throw cause
      if (mine === round) problem.value = cause
    } finally {
      if (mine === round) isLoading.value = false
    }
  }

  void read(null)
  return {
    items, problem, isLoading, isRead,
    hasMore: computed(() => cursor.value !== null),
    reload: () => read(null),
    more: () => read(cursor.value),
  }
}
