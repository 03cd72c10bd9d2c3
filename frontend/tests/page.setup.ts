import { memory } from './room/memory'

// Vue looks for a document when it is loaded and would draw into ours, so it is loaded before there is one.
await import('vue')

/** What modules of the pages reach for when they are loaded, where no page is there: a storage and a document's language. */
Object.assign(globalThis, { localStorage: memory(), sessionStorage: memory(), document: { documentElement: { lang: '' } } })
