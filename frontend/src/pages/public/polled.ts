import { onScopeDispose } from 'vue'

/** Calls again every so often while the page is looked at, and at once when it is looked at again. */
export function polled(read: () => unknown, everyMs: number): void {
  const timer = window.setInterval(() => {
    if (document.visibilityState === 'visible') read()
  }, everyMs)
  const seen = () => {
    if (document.visibilityState === 'visible') read()
  }
  document.addEventListener('visibilitychange', seen)
  onScopeDispose(() => {
    window.clearInterval(timer)
    document.removeEventListener('visibilitychange', seen)
  })
}
