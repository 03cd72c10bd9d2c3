import { watchEffect } from 'vue'
import { marketName } from './market'

/** The window title: the page first, then the exchange. The argument is read again when language or state changes. */
export function useTitle(page: () => string | null): void {
  watchEffect(() => {
    const name = page()
    document.title = name ? `${name} · ${marketName.value}` : marketName.value
  })
}
