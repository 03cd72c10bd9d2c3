import type { Query } from '@/api/client'

/** What a reader asked of a list, as it stands in the page's address. Pure. */
export type Values = Readonly<Record<string, string>>

/** Chosen where the page has an order of its own and the reader wants the newest first instead. */
export const NEWEST = 'newest'

/** What the address says, for the names that the list knows; what it leaves out is the page's own. */
export function readValues(address: Readonly<Record<string, unknown>>, defaults: Values): Values {
  const given = (name: string) => {
    const value = address[name]
    return typeof value === 'string' ? value : undefined
  }
  return Object.fromEntries(Object.entries(defaults).map(([name, own]) => [name, given(name) ?? own]))
}

/** The address with these values; what is the page's own is left out, and what is not the list's stays. */
export function writeValues<T>(address: Readonly<Record<string, T>>, values: Values, defaults: Values): Record<string, T | string> {
  const others = Object.entries(address).filter(([name]) => !(name in defaults))
  const own = Object.entries(values).filter(([name, value]) => value !== defaults[name])
  return Object.fromEntries([...others, ...own])
}

/** The question for the server; a filter of several values is one text in the address and several there. */
export function askOf(values: Values, several: readonly string[] = []): Query {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name, value]) => value !== '' && !(name === 'sort' && value === NEWEST))
      .map(([name, value]) => [name, several.includes(name) ? value.split(',') : value]),
  )
}

/** The filters that narrow beyond what the page itself asks: each can be taken back. The order narrows nothing. */
export function activeNames(values: Values, defaults: Values, tabs: readonly string[] = []): string[] {
  return Object.keys(defaults).filter((name) => name !== 'sort' && !tabs.includes(name) && values[name] !== defaults[name])
}

export type Kind = 'day' | 'count' | 'text'
/** What kind of order a column gives, which says how it is worded. */
export function kindOf(sort: string): Kind {
  const by = sort.replace(/^-/, '')
  if (by.endsWith('_at') || by.endsWith('_on') || by === 'at') return 'day'
  return by.endsWith('_fen') || by === 'new_lines' ? 'count' : 'text'
}
