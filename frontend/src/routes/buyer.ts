import type { RouteRecordRaw } from 'vue-router'
import type { Role } from '@/api/types'
import { hasRole, isExchange } from '@/session/session'

const DESKS: Role[] = ['reviewer', 'host', 'finance', 'registrar', 'supervisor']
const bidder = { bare: true, roles: ['bidder' as const] }
const trade = { bare: true, roles: ['seller', 'bidder', 'signatory', ...DESKS] as Role[] }
const party = { bare: true, roles: ['seller', 'bidder', 'signatory', 'registrar', 'supervisor'] as Role[] }
const talks = { bare: true, roles: ['seller', 'bidder', 'signatory', 'reviewer', 'supervisor'] as Role[] }
const anybody = { bare: true, roles: [] }

export const buyerRoutes: RouteRecordRaw[] = [
  { path: '/my', name: 'my', component: () => import('@/pages/home/BuyerDesk.vue'), meta: anybody, beforeEnter: () => (isExchange.value ? '/desk' : hasRole('bidder', 'signatory', 'seller') ? true : '/organisation') },
  { path: '/my/intents', name: 'my-intents', component: () => import('@/pages/buyer/IntentsPage.vue'), meta: bidder },
  { path: '/my/intents/:id', name: 'my-intent', component: () => import('@/pages/intents/IntentPage.vue'), meta: bidder },
  { path: '/successor-offers/:id', name: 'successor-offer', component: () => import('@/pages/deals/SuccessorOfferPage.vue'), meta: trade },
  { path: '/my/deposits', name: 'my-deposits', component: () => import('@/pages/buyer/DepositsPage.vue'), meta: bidder },
  { path: '/deals', name: 'deals', component: () => import('@/pages/deals/DealsPage.vue'), meta: trade },
  { path: '/deals/:id', name: 'deal', component: () => import('@/pages/deals/DealPage.vue'), meta: trade },
  { path: '/negotiations', name: 'negotiations', component: () => import('@/pages/negotiation/RoomsPage.vue'), meta: talks },
  { path: '/negotiations/:id', name: 'negotiation', component: () => import('@/pages/negotiation/RoomPage.vue'), meta: talks },
  { path: '/contracts', name: 'contracts', component: () => import('@/pages/deals/ContractsPage.vue'), meta: party },
  { path: '/contracts/:id', name: 'contract', component: () => import('@/pages/deals/ContractPage.vue'), meta: party },
  { path: '/registrations', name: 'registrations', component: () => import('@/pages/deals/RegistrationsPage.vue'), meta: party },
  { path: '/registrations/new', name: 'registration-new', component: () => import('@/pages/deals/RegistrationNewPage.vue'), meta: { bare: true, roles: ['seller'] } },
  { path: '/registrations/:id', name: 'registration', component: () => import('@/pages/deals/RegistrationPage.vue'), meta: party },
  { path: '/organisation', name: 'organisation', component: () => import('@/pages/organisation/OrganisationPage.vue'), meta: anybody },
  { path: '/notifications', name: 'notifications', component: () => import('@/pages/notifications/NotificationsPage.vue'), meta: anybody },
  { path: '/tokens', name: 'tokens', component: () => import('@/pages/organisation/TokensPage.vue'), meta: anybody },
]
