import { computed, onBeforeUnmount, ref, watch, type ComputedRef, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { readCounts } from '@/pages/work/counts'
import { session } from '@/session/session'

export interface Cases {
  selectedId: ComputedRef<string | null>
  select: (id: string | null) => void
  /** What was decided last, said once above the next case. */
  done: Ref<string>
  finish: (words: string, next: string | null) => Promise<void>
}

const POLL_MS = 20_000

/** Which case is open (it is in the address, so that a link to it works), and moving on after a decision. */
export function useCases(base: string, reload: () => Promise<void>): Cases {
  const route = useRoute()
  const router = useRouter()
  const done = ref('')
  const selectedId = computed(() => (typeof route.params.id === 'string' && route.params.id ? route.params.id : null))

  function select(id: string | null): void {
    // What is asked of the list stays in the address while its cases are gone through.
    void router.replace({ path: id ? `${base}/${id}` : base, query: route.query })
  }

  async function finish(words: string, next: string | null): Promise<void> {
    done.value = words
    select(next)
    await Promise.all([reload(), readCounts(session.person?.roles ?? [])])
  }

  watch(selectedId, (_, before) => {
    if (before === null) done.value = ''
  })
  const timer = window.setInterval(() => void reload(), POLL_MS)
  onBeforeUnmount(() => window.clearInterval(timer))
  return { selectedId, select, done, finish }
}

/** The case after this one in the queue, else the one before it. */
export function nextOf(items: readonly { id: string }[], id: string): string | null {
  const at = items.findIndex((one) => one.id === id)
  return items[at + 1]?.id ?? items[at - 1]?.id ?? null
}
