export interface Answer {
  /** `accepted`, `duplicate`, `ignored` or `quarantined`; null when the answer says none. */
  readonly result: string | null;
  readonly deliveries: readonly string[];
}

/** Reads ingest's answer; of any other answer there is no result. */
export function readAnswer(body: string): Answer {
  const json = parse(body);
  const { result, deliveries } =
    typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  return {
    result: typeof result === 'string' ? result : null,
    deliveries: Array.isArray(deliveries) ? deliveries.filter((id) => typeof id === 'string') : [],
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
