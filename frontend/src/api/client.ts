import { lang, t } from '@/i18n'
import { heard } from '@/live/server_clock'
import { uuid7 } from '@/live/uuid7'

/** RFC 9457, with the extension members of the error beside the standard ones. */
export interface Problem {
  type?: string
  title: string
  status: number
  detail: string
  code?: string
  request_id?: string
  [member: string]: unknown
}

/** A refusal of the server, or of the network (status 0), with words that may be shown as they are. */
export class ApiProblem extends Error {
  readonly problem: Problem
  readonly status: number
  readonly code: string
  readonly detail: string

  constructor(problem: Problem) {
    super(problem.detail || problem.title)
    this.name = 'ApiProblem'
    this.problem = problem
    this.status = problem.status
    this.code = problem.code ?? problem.type?.split(/[/:#]/).pop() ?? String(problem.status)
    this.detail = problem.detail || problem.title
  }
}

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>

interface Options {
  query?: Query
  body?: unknown
  /** Sent as Idempotency-Key: give the same one when the same press is repeated; after a refusal another is sent in its place. */
  key?: string
  signal?: AbortSignal
}

export const BASE = '/api/v1'
let csrfToken: string | null = null
let onSignedOut: () => void = () => undefined

/** The session store hands over the token that unsafe requests by cookie must carry. */
export function useCsrfToken(token: string | null): void {
  csrfToken = token
}

/** Called when the server answers 401, so that the session store forgets who was signed in. */
export function whenSignedOut(react: () => void): void {
  onSignedOut = react
}

export const newKey = (): string => uuid7()

// A refusal is kept with its key and would come again for ever: whoever presses once more gets the next key.
const nextKeys = new Map<string, string>()
const IN_FLIGHT = 'request-in-flight'

function keyToSend(key: string): string {
  let last = key
  for (let next = nextKeys.get(last); next !== undefined; next = nextKeys.get(last)) last = next
  return last
}

/** The address of a resource; what is empty is not asked, and of several values each is named. */
export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue
    if (typeof value === 'object') value.forEach((one) => search.append(name, one))
    else search.set(name, String(value))
  }
  const text = search.toString()
  return `${BASE}${path}${text ? `?${text}` : ''}`
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'title' in value && 'status' in value
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const text = await response.text()
  try {
    const value: unknown = JSON.parse(text)
    if (isProblem(value)) return new ApiProblem(value)
  } catch {
    // Not JSON: a proxy or a crash answered. The words below say what is known.
  }
  const detail = t(response.status >= 500 ? 'common.error_server' : 'common.error_refused', { status: response.status })
  return new ApiProblem({ title: detail, detail, status: response.status })
}

function prepare(method: string, options: Options): RequestInit {
  const headers = new Headers({ Accept: 'application/json', 'Accept-Language': lang.value === 'zh' ? 'zh-CN' : 'en' })
  if (method !== 'GET' && csrfToken) headers.set('X-CSRF-Token', csrfToken)
  if (options.key) headers.set('Idempotency-Key', keyToSend(options.key))
  const init: RequestInit = { method, headers, credentials: 'same-origin' }
  if (options.signal) init.signal = options.signal
  if (options.body instanceof FormData) init.body = options.body
  else if (options.body !== undefined) {
    headers.set('Content-Type', 'application/json')
    init.body = JSON.stringify(options.body)
  }
  return init
}

async function request<T>(method: string, path: string, options: Options = {}): Promise<T> {
  let response: Response
  try {
    response = await fetch(address(path, options.query), prepare(method, options))
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    const detail = t('common.error_network')
    throw new ApiProblem({ title: detail, detail, status: 0, code: 'network' })
  }
  if (!response.ok) {
    const problem = await problemOf(response)
    if (response.status === 401) onSignedOut()
    if (options.key && response.status < 500 && problem.code !== IN_FLIGHT) nextKeys.set(keyToSend(options.key), newKey())
    throw problem
  }
  if (response.status === 204) return undefined as T
  const value = (await response.json()) as T
  if (typeof value === 'object' && value !== null && 'server_time' in value) heard(String(value.server_time))
  return value
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
    request<T>('GET', path, { ...(query && { query }), ...(signal && { signal }) }),
  post: <T>(path: string, body?: unknown, key: string = newKey()): Promise<T> => request<T>('POST', path, { body, key }),
  patch: <T>(path: string, body: unknown): Promise<T> => request<T>('PATCH', path, { body }),
  put: <T>(path: string, body: unknown): Promise<T> => request<T>('PUT', path, { body }),
  delete: (path: string): Promise<void> => request<undefined>('DELETE', path),
}

/** What went wrong, as words for a person; anything unexpected is thrown on. */
export function asProblem(cause: unknown): ApiProblem {
  if (cause instanceof ApiProblem) return cause
  throw cause
}
