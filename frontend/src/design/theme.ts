import { computed, ref, watchEffect } from 'vue'
import { dark, light } from './tokens'

export type Theme = 'system' | 'light' | 'dark'

const KEY = 'market.theme'
const stored = localStorage.getItem(KEY)
const system = window.matchMedia('(prefers-color-scheme: dark)')
const systemDark = ref(system.matches)
system.addEventListener('change', (event) => (systemDark.value = event.matches))

export const theme = ref<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system')
export const isDark = computed(() => (theme.value === 'system' ? systemDark.value : theme.value === 'dark'))
export const palette = computed(() => (isDark.value ? dark : light))

/** Light or dark by hand; the choice is kept on this device. */
export function switchTheme(): void {
  theme.value = isDark.value ? 'light' : 'dark'
  localStorage.setItem(KEY, theme.value)
}

watchEffect(() => {
  if (theme.value === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme.value
})
