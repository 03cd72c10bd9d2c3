/** Keys of commitments: 32 bytes that only the bidder's own program makes, as 64 hexadecimal digits. */
const BYTES = 32

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

export const newSecretKey = (): string => hex(crypto.getRandomValues(new Uint8Array(BYTES)))

/**
 * HMAC-SHA256 under the key over the request's id and its amount, as the published commitment of a secret request is
 * made. Null where the browser gives no cryptography to the page, which is so on addresses that are not secure.
 */
export async function commitment(bidId: string, amountFen: number, key: string): Promise<string | null> {
  // The DOM types promise it everywhere; an insecure address has none.
  const subtle = crypto.subtle as SubtleCrypto | undefined
  if (!subtle) return null
  const raw = Uint8Array.from(key.match(/../g) ?? [], (pair) => parseInt(pair, 16))
  const secret = await subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const text = new TextEncoder().encode(`${bidId}\n${String(amountFen)}`)
  return hex(new Uint8Array(await subtle.sign('HMAC', secret, text)))
}
