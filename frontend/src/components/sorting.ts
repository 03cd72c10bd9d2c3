/** The order of a list as its address and the server write it: `due_on`, or `-due_on` for the largest first. Pure. */
export type Way = 'ascending' | 'descending' | 'none'

export function sortOf(sort: string | null, by: string): Way {
  if (sort === by) return 'ascending'
  return sort === `-${by}` ? 'descending' : 'none'
}

/** Pressed once the largest come first, twice the smallest, the third time the list's own order returns. */
export function nextSort(sort: string | null, by: string): string | null {
  const way = sortOf(sort, by)
  if (way === 'none') return `-${by}`
  return way === 'descending' ? by : null
}
