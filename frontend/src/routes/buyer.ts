import type { RouteRecordRaw } from 'vue-router'

export const buyerRoutes: RouteRecordRaw[] = []
