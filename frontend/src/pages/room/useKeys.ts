import { onBeforeUnmount, onMounted } from 'vue'

/** Single keys for the whole room; off while typing, with a modifier held, or while a dialog is open. */
export function useKeys(keys: Record<string, () => void>): void {
  function pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
    const target = event.target as HTMLElement | null
    if (target?.closest('input, textarea, select, [contenteditable], dialog')) return
    if (event.key === 'Enter' && target?.closest('button, a')) return
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}
