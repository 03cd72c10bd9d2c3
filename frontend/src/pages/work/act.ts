import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { ApiProblem, newKey } from '@/api/client'

export interface Act {
  isBusy: Ref<boolean>
  problem: ShallowRef<ApiProblem | null>
  run: (press: () => Promise<unknown>) => Promise<boolean>
}

/** One press at a time; a refusal is kept to be shown beside the button, and what was typed stays. True when it went through. */
export function act(): Act {
  const isBusy = ref(false)
  const problem = shallowRef<ApiProblem | null>(null)

  async function run(press: () => Promise<unknown>): Promise<boolean> {
    if (isBusy.value) return false
    isBusy.value = true
    problem.value = null
    try {
      await press()
      return true
    } catch (cause) {
      if (!(cause instanceof ApiProblem)) throw cause
      problem.value = cause
      return false
    } finally {
      isBusy.value = false
    }
  }

  return { isBusy, problem, run }
}

/** The same content gets the same Idempotency-Key, so that a press repeated after a lost answer makes one thing. */
export function steadyKey(): (content: unknown) => string {
  let last = ''
  let key = newKey()
  return (content) => {
    const text = JSON.stringify(content)
    if (text !== last) key = newKey()
    last = text
    return key
  }
}
