import type { RouteRecordRaw } from 'vue-router'

const meta = { bare: true, roles: ['seller' as const] }

export const sellerRoutes: RouteRecordRaw[] = [
  { path: '/seller', name: 'seller', component: () => import('@/pages/home/SellerDesk.vue'), meta: { bare: true, roles: ['seller', 'signatory'] } },
  { path: '/seller/patents', name: 'seller-patents', component: () => import('@/pages/seller/PatentsPage.vue'), meta },
  { path: '/seller/patents/new', name: 'seller-patent-new', component: () => import('@/pages/seller/PatentNewPage.vue'), meta },
  { path: '/seller/imports', name: 'seller-imports', component: () => import('@/pages/seller/ImportsPage.vue'), meta },
  { path: '/seller/notices', name: 'seller-notices', component: () => import('@/pages/seller/NoticesPage.vue'), meta },
  { path: '/seller/notices/new', name: 'seller-notice-new', component: () => import('@/pages/seller/NoticeFormPage.vue'), meta },
  { path: '/seller/notices/:id/edit', name: 'seller-notice-edit', component: () => import('@/pages/seller/NoticeFormPage.vue'), meta },
  { path: '/seller/listings', name: 'seller-listings', component: () => import('@/pages/seller/ListingsPage.vue'), meta },
  { path: '/seller/listings/new', name: 'seller-listing-new', component: () => import('@/pages/seller/ListingFormPage.vue'), meta },
  { path: '/seller/listings/:id', name: 'seller-listing', component: () => import('@/pages/seller/ListingPage.vue'), meta },
  { path: '/seller/listings/:id/edit', name: 'seller-listing-edit', component: () => import('@/pages/seller/ListingFormPage.vue'), meta },
]
