type WithoutNulls<T> = { [K in keyof T]: Exclude<T[K], null> };

/**
 * Turns null into undefined, which JSON leaves out: Botpress' schemas take a missing field where they
 * refuse null, and platforms send null for what they do not know.
 */
export function withoutNulls<T extends Record<string, unknown>>(fields: T): WithoutNulls<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as WithoutNulls<T>;
}
