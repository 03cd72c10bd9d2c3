import { computed, reactive, type WritableComputedRef } from 'vue'

/** Reasons being written, by case: moving through the queue and back loses none of them. */
const drafts = reactive(new Map<string, string>())

export function reasonDraft(id: () => string): WritableComputedRef<string> {
  return computed({
    get: () => drafts.get(id()) ?? '',
    set: (text) => (text ? drafts.set(id(), text) : drafts.delete(id())),
  })
}
