import type { Role } from '@/api/types'
import { t, type Key } from '@/i18n'
import type { RailGroup } from '@/shells/rail'

export type CountKey = 'listings' | 'intents' | 'auctions' | 'troubles' | 'deposits' | 'registrations' | 'lines' | 'orders' | 'releases' | 'refunds'
export type Counts = Partial<Record<CountKey, string>>

interface Entry {
  to: string
  word: Key
  /** Any one of these roles sees the entry; an empty list means everybody on this side. */
  roles: readonly Role[]
  count?: CountKey
}

interface Group {
  word: Key
  entries: readonly Entry[]
}

export const DESKS: readonly Group[] = [
  { word: 'home.group', entries: [{ to: '/desk', word: 'home.exchange', roles: [] }] },
  {
    word: 'desk.group_review',
    entries: [
      { to: '/desk/listings', word: 'desk.listings', roles: ['reviewer'], count: 'listings' },
      { to: '/desk/intents', word: 'desk.intents', roles: ['reviewer'], count: 'intents' },
      { to: '/desk/notices', word: 'notices.desk', roles: ['reviewer'] },
      { to: '/desk/restrictions', word: 'intents.restrictions', roles: ['reviewer', 'supervisor'] },
    ],
  },
  {
    word: 'desk.group_host',
    entries: [
      { to: '/desk/auctions', word: 'desk.auctions', roles: ['host'], count: 'auctions' },
      { to: '/desk/troubles', word: 'host.troubles', roles: ['host', 'reviewer', 'supervisor'], count: 'troubles' },
      { to: '/desk/defaults', word: 'intents.defaults', roles: ['host', 'reviewer', 'supervisor'] },
    ],
  },
  {
    word: 'desk.group_finance',
    entries: [
      { to: '/desk/finance', word: 'finance.home', roles: ['finance', 'supervisor'] },
      { to: '/desk/statements', word: 'finance.statements', roles: ['finance'] },
      { to: '/desk/lines', word: 'finance.lines', roles: ['finance'], count: 'lines' },
      { to: '/desk/deposits', word: 'desk.deposits', roles: ['finance'], count: 'deposits' },
      { to: '/desk/forfeitures', word: 'forfeit.title', roles: ['reviewer', 'finance', 'supervisor'] },
      { to: '/desk/payables', word: 'lists.payables', roles: ['finance', 'supervisor'] },
      { to: '/desk/releases', word: 'finance.releases', roles: ['finance', 'supervisor'], count: 'releases' },
      { to: '/desk/orders', word: 'finance.orders', roles: ['finance', 'supervisor'], count: 'orders' },
      { to: '/desk/refunds', word: 'finance.refunds', roles: ['finance', 'supervisor'], count: 'refunds' },
      { to: '/desk/ledger', word: 'desk.ledger', roles: ['finance', 'supervisor'] },
    ],
  },
  {
    word: 'desk.group_registrar',
    entries: [{ to: '/desk/registrations', word: 'desk.registrations', roles: ['registrar'], count: 'registrations' }],
  },
  { word: 'desk.group_supervisor', entries: [{ to: '/desk/audit', word: 'desk.audit', roles: ['supervisor'] }] },
  {
    word: 'rulebook.group',
    entries: [
      { to: '/desk/rules', word: 'rulebook.title', roles: ['reviewer', 'host', 'supervisor'] },
      { to: '/desk/calendar', word: 'rulebook.calendar', roles: ['reviewer', 'host', 'supervisor'] },
    ],
  },
  {
    word: 'trade.group_trade',
    entries: [
      { to: '/deals', word: 'trade.deals', roles: [] },
      { to: '/contracts', word: 'trade.contracts', roles: ['registrar', 'supervisor'] },
    ],
  },
  { word: 'trade.group_account', entries: [{ to: '/notifications', word: 'told.title', roles: [] }, { to: '/tokens', word: 'trade.tokens', roles: [] }] },
]

export const PARTY: readonly Group[] = [
  {
    word: 'home.group',
    entries: [
      { to: '/seller', word: 'home.seller', roles: ['seller', 'signatory'] },
      { to: '/my', word: 'home.buyer', roles: ['bidder', 'signatory'] },
    ],
  },
  {
    word: 'seller.group',
    entries: [
      { to: '/seller/patents', word: 'seller.patents', roles: ['seller'] },
      { to: '/seller/imports', word: 'seller.imports', roles: ['seller'] },
      { to: '/seller/listings', word: 'seller.listings', roles: ['seller'] },
      { to: '/seller/notices', word: 'notices.mine', roles: ['seller'] },
    ],
  },
  {
    word: 'buyer.group',
    entries: [
      { to: '/my/intents', word: 'buyer.intents', roles: ['bidder'] },
      { to: '/my/deposits', word: 'buyer.deposits', roles: ['bidder'] },
    ],
  },
  {
    word: 'trade.group_trade',
    entries: [
      { to: '/negotiations', word: 'negotiation.rooms', roles: ['seller', 'bidder', 'signatory'] },
      { to: '/deals', word: 'trade.deals', roles: ['seller', 'bidder', 'signatory'] },
      { to: '/contracts', word: 'trade.contracts', roles: ['seller', 'bidder', 'signatory'] },
      { to: '/registrations', word: 'trade.registrations', roles: ['seller', 'bidder', 'signatory'] },
    ],
  },
  {
    word: 'trade.group_account',
    entries: [
      { to: '/organisation', word: 'trade.organisation', roles: [] },
      { to: '/notifications', word: 'told.title', roles: [] },
      { to: '/tokens', word: 'trade.tokens', roles: [] },
    ],
  },
]

const mayOpen = (entry: Entry, held: readonly Role[]) =>
  entry.roles.length === 0 || entry.roles.some((role) => held.includes(role))

/** The entries that this person's roles open, in groups; groups without one are left out. */
export function groupsFor(held: readonly Role[], isExchange: boolean, counts: Counts): RailGroup[] {
  return (isExchange ? DESKS : PARTY)
    .map((group) => ({
      words: t(group.word),
      items: group.entries
        .filter((entry) => mayOpen(entry, held))
        .map((entry) => ({ to: entry.to, words: t(entry.word), count: entry.count ? (counts[entry.count] ?? null) : null })),
    }))
    .filter((group) => group.items.length > 0)
}
