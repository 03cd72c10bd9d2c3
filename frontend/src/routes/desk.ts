import type { RouteRecordRaw } from 'vue-router'
import type { Role } from '@/api/types'

const at = (...roles: Role[]) => ({ bare: true, roles })
const cases = (...roles: Role[]) => ({ ...at(...roles), goesOn: true })

export const deskRoutes: RouteRecordRaw[] = [
  { path: '/desk', name: 'desk', component: () => import('@/pages/home/ExchangeDesk.vue'), meta: at('reviewer', 'host', 'finance', 'registrar', 'supervisor') },
  { path: '/desk/listings/:id?', name: 'desk-listings', component: () => import('@/pages/desk/ListingsDesk.vue'), meta: cases('reviewer') },
  { path: '/desk/intents/:id?', name: 'desk-intents', component: () => import('@/pages/desk/IntentsDesk.vue'), meta: cases('reviewer') },
  { path: '/desk/defaults', name: 'desk-defaults', component: () => import('@/pages/desk/DefaultsDesk.vue'), meta: at('host', 'reviewer', 'supervisor') },
  { path: '/desk/forfeitures', name: 'desk-forfeitures', component: () => import('@/pages/forfeits/ForfeituresDesk.vue'), meta: at('reviewer', 'finance', 'supervisor') },
  { path: '/desk/restrictions', name: 'desk-restrictions', component: () => import('@/pages/desk/RestrictionsDesk.vue'), meta: at('reviewer', 'supervisor') },
  { path: '/desk/notices', name: 'desk-notices', component: () => import('@/pages/desk/NoticesDesk.vue'), meta: at('reviewer', 'supervisor') },
  { path: '/desk/rules', name: 'desk-rules', component: () => import('@/pages/desk/RulesDesk.vue'), meta: at('reviewer', 'host', 'supervisor') },
  { path: '/desk/calendar', name: 'desk-calendar', component: () => import('@/pages/desk/CalendarDesk.vue'), meta: at('reviewer', 'host', 'supervisor') },
  { path: '/desk/auctions', name: 'desk-auctions', component: () => import('@/pages/desk/AuctionsDesk.vue'), meta: at('host') },
  { path: '/desk/auctions/:id', name: 'desk-auction', component: () => import('@/pages/desk/AuctionCase.vue'), meta: at('host') },
  { path: '/desk/troubles', name: 'desk-troubles', component: () => import('@/pages/desk/TroublesDesk.vue'), meta: at('host', 'reviewer', 'supervisor') },
  { path: '/desk/deposits/:id?', name: 'desk-deposits', component: () => import('@/pages/desk/DepositsDesk.vue'), meta: cases('finance') },
  { path: '/desk/finance', name: 'desk-finance', component: () => import('@/pages/finance/HomePage.vue'), meta: at('finance', 'supervisor') },
  { path: '/desk/statements', name: 'desk-statements', component: () => import('@/pages/finance/StatementsPage.vue'), meta: at('finance') },
  { path: '/desk/lines/:id?', name: 'desk-lines', component: () => import('@/pages/finance/LinesPage.vue'), meta: cases('finance') },
  { path: '/desk/orders/:id?', name: 'desk-orders', component: () => import('@/pages/finance/OrdersPage.vue'), meta: cases('finance', 'supervisor') },
  { path: '/desk/refunds/:id?', name: 'desk-refunds', component: () => import('@/pages/finance/RefundsPage.vue'), meta: cases('finance', 'supervisor') },
  { path: '/desk/payables', name: 'desk-payables', component: () => import('@/pages/finance/PayablesPage.vue'), meta: at('finance', 'supervisor') },
  { path: '/desk/releases', name: 'desk-releases', component: () => import('@/pages/finance/ReleasesPage.vue'), meta: at('finance', 'supervisor') },
  { path: '/desk/ledger', name: 'desk-ledger', component: () => import('@/pages/desk/LedgerDesk.vue'), meta: at('finance', 'supervisor') },
  { path: '/desk/registrations/:id?', name: 'desk-registrations', component: () => import('@/pages/desk/RegistrationsDesk.vue'), meta: cases('registrar') },
  { path: '/desk/audit', name: 'desk-audit', component: () => import('@/pages/desk/AuditDesk.vue'), meta: at('supervisor') },
]
