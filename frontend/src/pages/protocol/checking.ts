/** Reads what somebody chose to have checked: a record, and receipts, each file one or a list. Pure but for the reading. */
export type ReadFile = { ok: true; value: unknown } | { ok: false; name: string }

export async function readJson(file: Pick<File, 'name' | 'text'>): Promise<ReadFile> {
  try {
    return { ok: true, value: JSON.parse(await file.text()) as unknown }
  } catch {
    // Whatever stands in it is no JSON: its name is all there is to say.
    return { ok: false, name: file.name }
  }
}

/** Receipts of several files in one list; a file may hold one or many. */
export function flatten(values: readonly unknown[]): unknown[] {
  return values.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
}
