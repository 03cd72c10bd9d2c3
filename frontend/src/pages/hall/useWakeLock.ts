import { onMounted, onScopeDispose } from 'vue'

/** Keeps a hall's screen from going dark while the page is seen; where the browser cannot, nothing is lost. */
export function useWakeLock(): void {
  let lock: WakeLockSentinel | null = null
  const keeper = (navigator as { wakeLock?: WakeLock }).wakeLock

  async function keep(): Promise<void> {
    if (!keeper || document.visibilityState !== 'visible') return
    try {
      lock = await keeper.request('screen')
    } catch (cause) {
      // Refused, for example on a low battery: the screen then follows the machine's own settings.
      if (!(cause instanceof DOMException)) throw cause
    }
  }
  const seen = () => void keep()
  onMounted(seen)
  document.addEventListener('visibilitychange', seen)
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', seen)
    void lock?.release()
  })
}
