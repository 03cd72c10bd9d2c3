import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { shownAt, type Replay } from '@/live/replay'

export const SPEEDS = [0.5, 1, 2, 5, 20] as const

/** Plays a replay: a position in its own time, moved by the screen's frames while it plays. */
export function usePlayer(replay: Readonly<Ref<Replay | null>>) {
  const position = ref(0)
  const isPlaying = ref(false)
  const speed = ref<number>(1)
  let frame: number | undefined
  let last = 0

  const count = computed(() => (replay.value ? shownAt(replay.value.offsets, position.value) : 0))
  const total = computed(() => replay.value?.length ?? 0)
  const isAtEnd = computed(() => total.value > 0 && count.value >= total.value)
  const state = shallowRef(replay.value?.stateAfter(count.value) ?? null)
  watch([replay, count], () => (state.value = replay.value?.stateAfter(count.value) ?? null), { immediate: true })

  function tick(now: number): void {
    const known = replay.value
    if (!known || !isPlaying.value) return
    position.value = Math.min(known.lengthMs, position.value + (now - last) * speed.value)
    last = now
    if (position.value >= known.lengthMs) isPlaying.value = false
    else frame = requestAnimationFrame(tick)
  }

  function play(): void {
    if (!replay.value) return
    if (isAtEnd.value) position.value = 0
    isPlaying.value = true
    last = performance.now()
    frame = requestAnimationFrame(tick)
  }

  function pause(): void {
    isPlaying.value = false
    if (frame !== undefined) cancelAnimationFrame(frame)
  }

  /** Goes to the moment at which this many events are shown. */
  function goTo(wanted: number): void {
    const known = replay.value
    if (!known) return
    pause()
    const place = Math.max(1, Math.min(wanted, known.length))
    position.value = known.offsets[place - 1] ?? 0
  }

  onScopeDispose(pause)
  return { position, isPlaying, speed, count, total, isAtEnd, state, play, pause, goTo, setSpeed: (next: number): void => void (speed.value = next), toggle: () => (isPlaying.value ? pause() : play()) }
}

export type Player = ReturnType<typeof usePlayer>
