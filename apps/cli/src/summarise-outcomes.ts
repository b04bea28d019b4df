import type { Outcome } from './post-webhook.ts';
import { readAnswer } from './read-answer.ts';

export interface Summary {
  /** Every webhook was answered with 2xx, and there were as many as asked for. */
  readonly ok: boolean;
  readonly sent: number;
  readonly answers: readonly {
    readonly status: number;
    readonly result: string | null;
    readonly count: number;
  }[];
  /** Webhooks without an answer, by the code of the error. */
  readonly failures: readonly { readonly code: string; readonly count: number }[];
  /** Time to the answer, in milliseconds; null without any answer. */
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null;
}

/** Sums up what became of the webhooks, the most frequent first. */
export function summariseOutcomes(outcomes: readonly Outcome[], asked: number): Summary {
  const answers = new Map<string, { status: number; result: string | null; count: number }>();
  const failures = new Map<string, { code: string; count: number }>();
  const latencies: number[] = [];
  for (const outcome of outcomes) {
    if (!outcome.ok) {
      const { code } = outcome;
      failures.set(code, { code, count: (failures.get(code)?.count ?? 0) + 1 });
      continue;
    }
    const { status } = outcome;
    const { result } = readAnswer(outcome.body);
    const key = `${status} ${result}`;
    answers.set(key, { status, result, count: (answers.get(key)?.count ?? 0) + 1 });
    latencies.push(outcome.ms);
  }
  const fine = outcomes.filter((outcome) => outcome.ok && outcome.status >= 200 && outcome.status < 300);
  return {
    ok: fine.length === asked,
    sent: outcomes.length,
    answers: [...answers.values()].sort((a, b) => b.count - a.count),
    failures: [...failures.values()].sort((a, b) => b.count - a.count),
    latencyMs: percentiles(latencies),
  };
}

/** By nearest rank, to a hundredth of a millisecond. */
function percentiles(latencies: readonly number[]): Summary['latencyMs'] {
  const sorted = [...latencies].sort((a, b) => a - b);
  const rank = (share: number) => Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? 0) * 100) / 100;
  return sorted.length === 0 ? null : { p50: rank(0.5), p99: rank(0.99) };
}
