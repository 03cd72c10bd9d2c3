import { onBeforeUnmount, onMounted, watch, type Ref } from 'vue'

/** J and K move through a list that stands beside its chosen row; beside it there is no reason to show nothing. */
export function useRows(rows: Ref<readonly { id: string }[]>, selectedId: Ref<string | null>, select: (id: string | null) => void): void {
  function move(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLElement && event.target.closest('input:not([type="radio"]):not([type="checkbox"]), textarea, select, dialog')
    const by = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0
    if (isTyping || !by || event.ctrlKey || event.metaKey || event.altKey) return
    const at = rows.value.findIndex((one) => one.id === selectedId.value)
    const next = rows.value[at < 0 ? 0 : at + by]
    if (next) select(next.id)
  }

  watch(rows, (list) => {
    if (selectedId.value === null && list[0] && window.matchMedia('(min-width: 901px)').matches) select(list[0].id)
  }, { immediate: true })
  onMounted(() => window.addEventListener('keydown', move))
  onBeforeUnmount(() => window.removeEventListener('keydown', move))
}
