import { onScopeDispose, ref, type Ref } from 'vue'

/**
 * The server's time as this browser knows it. A message that was slow makes the server look early, so of the last
 * samples the latest-looking one is nearest the truth; the browser's own clock may be wrong and never matters.
 */
const KEEP = 8
const samples: number[] = []
export const offsetMs = ref(0)

const local = () => performance.timeOrigin + performance.now()

export function heard(serverTime: string): void {
  const server = Date.parse(serverTime)
  if (Number.isNaN(server)) return
  samples.push(server - local())
  if (samples.length > KEEP) samples.shift()
  offsetMs.value = Math.max(...samples)
}

export const serverNow = (): number => local() + offsetMs.value

const now = ref(serverNow())
let watchers = 0
let timer: number | undefined

/** Server time in milliseconds, moving four times a second while somebody looks. Call it in setup. */
export function useServerNow(): Readonly<Ref<number>> {
  watchers += 1
  now.value = serverNow()
  timer ??= window.setInterval(() => (now.value = serverNow()), 250)
  onScopeDispose(() => {
    watchers -= 1
    if (watchers > 0) return
    window.clearInterval(timer)
    timer = undefined
  })
  return now
}
