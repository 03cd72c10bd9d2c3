import { computed, onScopeDispose, ref, watch } from 'vue'
import { lang, t } from '@/i18n'
import { inWan, yuanShort } from '@/money'
import { spoken } from '@/time'
import { clockPrice } from './dutch'
import { nextLimit } from './ladder'
import { BARS, type Standing } from './standing'
import type { Room } from './useRoom'

const MARKS_SECONDS = [300, 180, 60, 30, 10]
const QUIET_MS = 5000
/** States that ask this bidder for an act within a running time. */
const LOUD: readonly Standing[] = ['turn', 'answer', 'enter', 'asked']
const SOUND_KEY = 'market.sound'

function tone(): void {
  const context = new AudioContext()
  const oscillator = context.createOscillator()
  const gain = context.createGain()
  oscillator.frequency.value = 660
  gain.gain.setValueAtTime(0.12, context.currentTime)
  gain.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.35)
  oscillator.connect(gain).connect(context.destination)
  oscillator.start()
  oscillator.stop(context.currentTime + 0.36)
  oscillator.onended = () => void context.close()
}

/** What is said aloud: my state at once, other bids at most one in five seconds, the time at a few marks. */
export function useVoice(room: Room) {
  const urgent = ref('')
  const polite = ref('')
  const hasSound = ref(localStorage.getItem(SOUND_KEY) !== 'off')
  let politeAt = 0
  let politeTimer: number | undefined

  const price = computed(() => {
    const sale = room.sale.value
    const fen = (sale && clockPrice(sale, room.now.value)?.fen) ?? sale?.price_fen ?? sale?.start_price_fen ?? 0
    return lang.value === 'zh' ? inWan(fen, 'zh') : `CNY ${yuanShort(fen)}`
  })
  const left = computed(() => {
    const sale = room.sale.value
    return sale ? spoken(Date.parse(sale.status === 'scheduled' ? sale.opens_at : sale.ends_at) - room.now.value, lang.value) : ''
  })
  const minimum = computed(() => {
    const fen = (room.sale.value && nextLimit(room.sale.value)) ?? 0
    return lang.value === 'zh' ? inWan(fen, 'zh') : `CNY ${yuanShort(fen)}`
  })

  function sayNow(): void {
    const sale = room.sale.value
    const who = sale?.me?.leading ? t('room.state_leading') : sale?.leader_code ? t('room.leads', { code: sale.leader_code }) : t('room.no_bid_yet')
    urgent.value = ''
    window.setTimeout(() => (urgent.value = t('room.say_now', { price: price.value, who, left: left.value, minimum: minimum.value })), 50)
  }

  watch(room.place, (place: Standing, before: Standing) => {
    if (place === before || place === 'loading') return
    const code = room.sale.value?.leader_code ?? ''
    if (place === 'outbid') {
      urgent.value = t('room.say_outbid', { code, price: price.value, left: left.value, minimum: minimum.value })
      // Entering or coming back to a room in which I was passed is no news to ring for.
      if (hasSound.value && before !== 'loading' && before !== 'disconnected') tone()
    } else if (place === 'leading') urgent.value = t('room.say_leading', { price: price.value, left: left.value })
    else {
      urgent.value = t(BARS[place].word)
      // My turn, a question to me: as loud as being passed.
      if (LOUD.includes(place) && hasSound.value && before !== 'loading' && before !== 'disconnected') tone()
    }
  })
  watch(room.refusal, (words) => {
    if (words) urgent.value = words
  })

  watch(() => room.bids.value.at(-1), (bid) => {
    if (!bid || bid.bidder === room.sale.value?.me?.bidder_code) return
    window.clearTimeout(politeTimer)
    const speak = () => {
      politeAt = Date.now()
      polite.value = t('room.say_bid', { code: bid.bidder, price: price.value })
    }
    politeTimer = window.setTimeout(speak, Math.max(0, politeAt + QUIET_MS - Date.now()))
  })

  const seconds = computed(() => {
    const sale = room.sale.value
    return sale?.status === 'open' ? Math.ceil((Date.parse(sale.ends_at) - room.now.value) / 1000) : null
  })
  watch(seconds, (now, before) => {
    if (now === null || before == null) return
    if (MARKS_SECONDS.some((mark) => before > mark && now <= mark)) polite.value = t('room.say_left', { left: spoken(now * 1000, lang.value) })
  })

  function switchSound(): void {
    hasSound.value = !hasSound.value
    localStorage.setItem(SOUND_KEY, hasSound.value ? 'on' : 'off')
    if (hasSound.value) tone()
  }

  onScopeDispose(() => window.clearTimeout(politeTimer))
  return { urgent, polite, hasSound, switchSound, sayNow }
}
