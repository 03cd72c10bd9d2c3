import type { Role } from '@/api/types'

declare module 'vue-router' {
  interface RouteMeta {
    /** Any one of these roles opens the page; an empty list means: signed in, whatever the role. Absent: everybody. */
    roles?: Role[]
    /** The page is drawn without the public head (bid room, desks). */
    bare?: boolean
    /** The page stays when only its case changes (desks); otherwise another address is another page. */
    goesOn?: boolean
  }
}

/** Where somebody goes instead, or null when the page may be opened. */
export function refusal(roles: Role[] | undefined, held: readonly Role[] | null): 'sign-in' | 'forbidden' | null {
  if (!roles) return null
  if (held === null) return 'sign-in'
  if (roles.length > 0 && !roles.some((role) => held.includes(role))) return 'forbidden'
  return null
}
