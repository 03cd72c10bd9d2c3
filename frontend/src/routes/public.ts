import type { RouteRecordRaw } from 'vue-router'

export const publicRoutes: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: () => import('@/pages/public/HomePage.vue') },
  { path: '/auctions', name: 'auctions', component: () => import('@/pages/public/AuctionsPage.vue') },
  { path: '/auctions/:id', name: 'room', component: () => import('@/pages/room/RoomPage.vue'), meta: { bare: true } },
  { path: '/auctions/:id/replay', name: 'replay', component: () => import('@/pages/replay/ReplayPage.vue') },
  { path: '/hall/:id', name: 'hall', component: () => import('@/pages/hall/HallPage.vue'), meta: { bare: true } },
  { path: '/protocol-check', name: 'protocol-check', component: () => import('@/pages/protocol/CheckPage.vue') },
  { path: '/signing-keys', name: 'signing-keys', component: () => import('@/pages/protocol/KeysPage.vue') },
  { path: '/listings/:id', name: 'listing', component: () => import('@/pages/public/ListingPage.vue') },
  { path: '/notices', name: 'notices', component: () => import('@/pages/public/NoticesPage.vue') },
  { path: '/notices/:id', name: 'notice', component: () => import('@/pages/public/NoticePage.vue') },
  { path: '/verify/:code?', name: 'verify', component: () => import('@/pages/public/VerifyPage.vue') },
  { path: '/sign-in', name: 'sign-in', component: () => import('@/pages/public/SignInPage.vue') },
  { path: '/register', name: 'register', component: () => import('@/pages/public/RegisterPage.vue') },
  { path: '/rules', name: 'rules', component: () => import('@/pages/public/RulesPage.vue') },
  { path: '/forbidden', name: 'forbidden', component: () => import('@/pages/public/ForbiddenPage.vue') },
  { path: '/:missing(.*)*', name: 'missing', component: () => import('@/pages/public/MissingPage.vue') },
]
