import { computed, reactive, readonly } from 'vue'
import { api, ApiProblem, useCsrfToken, whenSignedOut } from '@/api/client'
import type { Person, Role, SignedInOrganisation, SignIn } from '@/api/types'

interface State {
  person: Person | null
  organisation: SignedInOrganisation | null
  isLoaded: boolean
}

const state = reactive<State>({ person: null, organisation: null, isLoaded: false })

function accept(signIn: SignIn): void {
  state.person = signIn.person
  state.organisation = signIn.organisation
  useCsrfToken(signIn.csrf_token)
}

function forget(): void {
  state.person = null
  state.organisation = null
  useCsrfToken(null)
}

whenSignedOut(forget)

let loading: Promise<void> | null = null

/** Asks once who is signed in; a guest is nobody (null), not an error. */
export function loadSession(): Promise<void> {
  loading ??= api
    .get<SignIn | null>('/sessions/current')
    .then((signIn) => {
      if (signIn) accept(signIn)
    })
    .catch((cause: unknown) => {
      if (!(cause instanceof ApiProblem)) throw cause
      // The server could not be asked: the pages show what they can, and the next navigation asks again.
      loading = null
    })
    .finally(() => (state.isLoaded = true))
  return loading
}

export async function signIn(login: string, password: string): Promise<void> {
  accept(await api.post<SignIn>('/sessions', { login, password }))
}

export async function signOut(): Promise<void> {
  await api.delete('/sessions/current')
  forget()
}

export const session = readonly(state)
export const isSignedIn = computed(() => state.person !== null)
export const isExchange = computed(() => state.organisation?.kind === 'exchange')

export function hasRole(...roles: Role[]): boolean {
  return state.person?.roles.some((role) => roles.includes(role)) ?? false
}

/** Where this person's own work is. */
export function workplace(): string | null {
  if (!state.person) return null
  if (isExchange.value) return '/desk'
  if (hasRole('seller')) return '/seller'
  return '/my'
}
