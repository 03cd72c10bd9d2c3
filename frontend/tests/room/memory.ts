/** A storage as browsers have it, kept in memory. */
export function memory(): Storage {
  const kept = new Map<string, string>()
  return {
    getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(), key: (index) => [...kept.keys()][index] ?? null, get length() { return kept.size },
  }
}
