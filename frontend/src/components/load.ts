import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { ApiProblem } from '@/api/client'

export interface Loaded<T> {
  value: ShallowRef<T | null>
  problem: ShallowRef<ApiProblem | null>
  isLoading: ShallowRef<boolean>
  reload: () => Promise<void>
}

/** Reads something for a page: value, what went wrong, and a way to read again. What was read stays while it is read anew. */
export function load<T>(read: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const value = shallowRef<T | null>(null)
  const problem = shallowRef<ApiProblem | null>(null)
  const isLoading = shallowRef(true)
  let current: AbortController | null = null

  async function reload(): Promise<void> {
    current?.abort()
    const mine = new AbortController()
    current = mine
    isLoading.value = true
    try {
      const fresh = await read(mine.signal)
      if (mine.signal.aborted) return
      value.value = fresh
      problem.value = null
    } catch (cause) {
      if (mine.signal.aborted) return
      if (!(cause instanceof ApiProblem)) throw cause
      problem.value = cause
    } finally {
      if (current === mine) isLoading.value = false
    }
  }

  onScopeDispose(() => current?.abort())
  void reload()
  return { value, problem, isLoading, reload }
}
