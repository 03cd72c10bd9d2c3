import { onMounted, onUnmounted, ref, watch } from 'vue'
import { api, ApiProblem } from '@/api/client'
import type { components } from '@/api/schema'
import { isSignedIn } from './session'

type Unread = components['schemas']['UnreadOut']

/** How many notifications this person has not read. */
export const unread = ref(0)
const EVERY_MS = 30_000

export async function readUnread(): Promise<void> {
  if (!isSignedIn.value) {
    unread.value = 0
    return
  }
  try {
    unread.value = (await api.get<Unread>('/notifications/unread')).unread
  } catch (cause) {
    // The number of before stays; the page itself says what is wrong.
    if (!(cause instanceof ApiProblem)) throw cause
  }
}

/** Keeps the number fresh while a shell is shown and the page is looked at. */
export function useUnread(): void {
  let timer = 0
  const look = () => {
    if (!document.hidden) void readUnread()
  }
  onMounted(() => {
    look()
    timer = window.setInterval(look, EVERY_MS)
    document.addEventListener('visibilitychange', look)
  })
  onUnmounted(() => {
    window.clearInterval(timer)
    document.removeEventListener('visibilitychange', look)
  })
  watch(isSignedIn, look)
}
