/** Reads members of an event's body, whose shape the schema leaves open, without believing what it is not. */
export type Body = Record<string, unknown>

export const textIn = (body: Body, key: string): string | null => (typeof body[key] === 'string' ? body[key] : null)
export const countIn = (body: Body, key: string): number | null => (typeof body[key] === 'number' ? body[key] : null)
export const factIn = (body: Body, key: string): boolean | null => (typeof body[key] === 'boolean' ? body[key] : null)
export function listIn(body: Body, key: string): Body[] {
  const value = body[key]
  return Array.isArray(value) ? value.filter((item): item is Body => typeof item === 'object' && item !== null) : []
}
export function bodyIn(body: Body, key: string): Body | null {
  const value = body[key]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : null
}
