import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { t } from '@/i18n'
import { needsSecondPress } from './ladder'
import { mayPress } from './standing'
import type { Room } from './useRoom'

const DEAD_MS = 400
const ARMED_MS = 3000

/** Something that one press does at an amount; two targets are the same when their ids are. */
export interface Target {
  id: string
  fen: number
  send: () => void
  /** Asks for the second press whatever the bidder's ceiling is. */
  isAlwaysTwice?: boolean
}

/**
 * One press and release sends up to the ceiling; above it the same place asks again for three seconds. Slips are
 * stopped without time lost: a changed amount is dead for 0.4 s, and an amount that changed between press and release
 * is not sent.
 */
export function usePress(room: Room, auctionId: string) {
  const kept = sessionStorage.getItem(`market.ceiling.${auctionId}`)
  const ceilingFen = ref<number | null>(kept === null ? null : Number(kept))
  const armed = shallowRef<Target | null>(null)
  const isSettling = ref(false)
  /** What the keys 1, 2 and 3 press: the panel that is shown says it. */
  const targets = shallowRef<Target[]>([])
  let downOn: { id: string; fen: number } | null = null
  let settleTimer: number | undefined
  let armedTimer: number | undefined

  const isFree = computed(() => room.pending.value === null && room.isConnected.value && mayPress(room.sale.value, room.now.value))

  watch(room.quote, (quote, before) => {
    if (before === null || quote === null || quote.key === before.key) return
    isSettling.value = true
    window.clearTimeout(settleTimer)
    settleTimer = window.setTimeout(() => (isSettling.value = false), DEAD_MS)
    const target = armed.value
    if (target && !target.isAlwaysTwice && !quote.takes(target.fen)) {
      disarm()
      if (!room.sale.value?.me?.leading) room.notSent(t('room.moved_under'))
    }
  })

  function setCeiling(fen: number | null): void {
    ceilingFen.value = fen
    if (fen === null) sessionStorage.removeItem(`market.ceiling.${auctionId}`)
    else sessionStorage.setItem(`market.ceiling.${auctionId}`, String(fen))
  }

  function disarm(): void {
    armed.value = null
    window.clearTimeout(armedTimer)
  }

  function arm(target: Target): void {
    armed.value = target
    window.clearTimeout(armedTimer)
    armedTimer = window.setTimeout(disarm, ARMED_MS)
  }

  /** The armed target keeps its amount while others move, so that the second press is what was read. */
  const shown = (target: Target): Target => (armed.value?.id === target.id ? armed.value : target)

  function down(target: Target): void {
    downOn = { id: target.id, fen: shown(target).fen }
  }

  function press(offered: Target, fromKey = false): void {
    const target = shown(offered)
    const pressed = downOn?.id === target.id ? downOn.fen : null
    downOn = null
    if (!isFree.value) return
    if (armed.value?.id === target.id) return second()
    if (isSettling.value) return
    if (!fromKey && pressed !== null && pressed !== target.fen) return room.notSent(t('room.moved_under'))
    if (target.isAlwaysTwice || needsSecondPress(target.fen, ceilingFen.value)) return arm(target)
    disarm()
    target.send()
  }

  /** The panel that is shown says what the keys press, and takes it back when it goes. */
  function offer(shownNow: Target[]): void {
    targets.value = shownNow
  }

  function pressKey(place: number): void {
    const target = targets.value[place]
    if (target) press(target, true)
  }

  function second(): void {
    const target = armed.value
    if (!target || !isFree.value) return
    disarm()
    target.send()
  }

  onScopeDispose(() => {
    window.clearTimeout(settleTimer)
    window.clearTimeout(armedTimer)
  })

  return { ceilingFen, setCeiling, armed, isSettling, isFree, targetCount: computed(() => targets.value.length), offer, shown, down, press, pressKey, second, disarm }
}

export type Press = ReturnType<typeof usePress>
