import { nextTick } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import { refusal } from '@/routes/access'
import { buyerRoutes } from '@/routes/buyer'
import { deskRoutes } from '@/routes/desk'
import { publicRoutes } from '@/routes/public'
import { sellerRoutes } from '@/routes/seller'
import { loadMarket } from '@/session/market'
import { loadSession, session } from '@/session/session'

export const router = createRouter({
  history: createWebHistory(),
  routes: [...sellerRoutes, ...buyerRoutes, ...deskRoutes, ...publicRoutes],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

router.beforeEach(async (to) => {
  await Promise.all([loadMarket(), loadSession()])
  const roles = to.matched.findLast((record) => record.meta.roles)?.meta.roles
  const instead = refusal(roles, session.person?.roles ?? null)
  if (instead === 'sign-in') return { name: 'sign-in', query: { next: to.fullPath } }
  if (instead === 'forbidden') return { name: 'forbidden', query: { from: to.fullPath } }
  return true
})

// A screen reader and the keyboard start anew at the content of the new page.
router.afterEach(async (to, from) => {
  if (from.matched.length === 0 || to.path === from.path) return
  await nextTick()
  document.getElementById('main')?.focus({ preventScroll: true })
})
