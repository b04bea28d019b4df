/**
 * Why deliveries are not enqueued. `away`: Redis cannot be reached. `silent`: it is, and says nothing.
 * `late`: it did not answer in time. `congested`: too much is on its way to it. `memory`, `backlog`: it holds
 * too much. `error`: it refused.
 */
export type RefusalReason = 'away' | 'silent' | 'late' | 'congested' | 'memory' | 'backlog' | 'error';

export interface Refusal {
  /** From a closed list, for metrics. */
  readonly reason: RefusalReason;
  /** In words, safe to log. */
  readonly why: string;
}

export const AWAY: Refusal = { reason: 'away', why: 'Redis is not reachable' };

/** What an enqueue failed of: a Redis that is full says OOM, and of the rest only the words matter. */
export function toRefusal(error: unknown): Refusal {
  const why = error instanceof Error ? error.message : String(error);
  return { reason: /\bOOM\b/.test(why) ? 'memory' : 'error', why };
}
