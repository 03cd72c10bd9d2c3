import { computed, shallowRef } from 'vue'
import { api } from '@/api/client'
import type { Market } from '@/api/types'
import { lang } from '@/i18n'

/** What this server calls itself and whether it is a demonstration; read once at the start. */
export const market = shallowRef<Market | null>(null)

let loading: Promise<void> | null = null

export function loadMarket(): Promise<void> {
  loading ??= api
    .get<Market>('/market')
    .then((value) => {
      market.value = value
    })
    .catch(() => {
      loading = null
    })
  return loading
}

export const marketName = computed(() => {
  if (!market.value) return lang.value === 'zh' ? '技术交易市场' : 'Technology Trading Market'
  return lang.value === 'zh' ? market.value.name_zh : market.value.name_en
})

export const isDemonstration = computed(() => market.value?.is_demonstration ?? false)
