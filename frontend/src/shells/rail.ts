export interface RailItem {
  to: string
  words: string
  /** What waits there; null while it is not known. */
  count?: number | string | null
}

export interface RailGroup {
  words: string
  items: RailItem[]
}
