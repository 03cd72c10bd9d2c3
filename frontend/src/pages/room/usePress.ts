import { computed, onScopeDispose, ref, watch } from 'vue'
import { t } from '@/i18n'
import { needsSecondPress, rungs } from './ladder'
import { mayPress } from './standing'
import type { Room } from './useRoom'

const DEAD_MS = 400
const ARMED_MS = 3000

/** Which of the ladder's places is armed for its second press: 0 to 2, or 3 for a typed amount. */
export interface Armed {
  place: number
  fen: number
}

/**
 * One press and release sends up to the ceiling; above it the same place asks again for three seconds. Slips are
 * stopped without time lost: a changed amount is dead for 0.4 s, and an amount that changed between press and release
 * is not sent.
 */
export function usePress(room: Room, auctionId: string) {
  const kept = sessionStorage.getItem(`market.ceiling.${auctionId}`)
  const ceilingFen = ref<number | null>(kept === null ? null : Number(kept))
  const armed = ref<Armed | null>(null)
  const isSettling = ref(false)
  let downFen: number | null = null
  let settleTimer: number | undefined
  let armedTimer: number | undefined

  const amounts = computed<[number, number, number]>(() => {
    const sale = room.sale.value
    return sale ? rungs(sale.minimum_fen, sale.step_fen) : [0, 0, 0]
  })
  /** An armed place keeps its amount while the others move, so that the second press is what was read. */
  const shown = computed(() => amounts.value.map((fen, place) => (armed.value?.place === place ? armed.value.fen : fen)))

  watch(() => room.sale.value?.minimum_fen, (minimum, before) => {
    if (before === undefined || minimum === undefined || minimum === before) return
    isSettling.value = true
    window.clearTimeout(settleTimer)
    settleTimer = window.setTimeout(() => (isSettling.value = false), DEAD_MS)
    if (armed.value && armed.value.fen < minimum) {
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

  function arm(place: number, fen: number): void {
    armed.value = { place, fen }
    window.clearTimeout(armedTimer)
    armedTimer = window.setTimeout(disarm, ARMED_MS)
  }

  const isFree = () => room.pending.value === null && room.isConnected.value && mayPress(room.sale.value, room.now.value)

  function down(place: number): void {
    downFen = shown.value[place] ?? null
  }

  function press(place: number, fromKey = false): void {
    const fen = shown.value[place]
    const pressed = downFen
    downFen = null
    if (fen === undefined || !isFree()) return
    if (armed.value?.place === place) return second()
    if (isSettling.value) return
    if (!fromKey && pressed !== null && pressed !== fen) return room.notSent(t('room.moved_under'))
    if (needsSecondPress(fen, ceilingFen.value)) return arm(place, fen)
    disarm()
    room.bid(fen)
  }

  function second(): void {
    const target = armed.value
    if (!target || !isFree()) return
    disarm()
    room.bid(target.fen)
  }

  onScopeDispose(() => {
    window.clearTimeout(settleTimer)
    window.clearTimeout(armedTimer)
  })

  return { ceilingFen, setCeiling, armed, isSettling, amounts, shown, down, press, second, disarm }
}

export type Press = ReturnType<typeof usePress>
