import { type PostResult, parseResponse } from '../client/ingest.ts';
import { oneLine } from './format.ts';

export interface SendSummary {
  /** Whether all requested webhooks were sent and answered with 2xx. */
  readonly ok: boolean;
  readonly sent: number;
  readonly answers: readonly {
    readonly status: number;
    readonly result: string | null;
    readonly count: number;
  }[];
  /** Webhooks without a response, by error code. */
  readonly failures: readonly { readonly code: string; readonly count: number }[];
  /** Response time in milliseconds; null without a response. */
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null;
}

/** Counts results by status and error code, the most frequent first. */
export function summarizeResults(results: readonly PostResult[], requested: number): SendSummary {
  const answers = new Map<string, { status: number; result: string | null; count: number }>();
  const failures = new Map<string, { code: string; count: number }>();
  const latencies: number[] = [];
  for (const response of results) {
    if (!response.ok) {
      const { code } = response;
      failures.set(code, { code, count: (failures.get(code)?.count ?? 0) + 1 });
      continue;
    }
    const { status } = response;
    const { result } = parseResponse(response.body);
    const key = `${status} ${result}`;
    answers.set(key, { status, result, count: (answers.get(key)?.count ?? 0) + 1 });
    latencies.push(response.ms);
  }
  const accepted = results.filter((result) => result.ok && result.status >= 200 && result.status < 300);
  return {
    ok: accepted.length === requested,
    sent: results.length,
    answers: [...answers.values()].sort((a, b) => b.count - a.count),
    failures: [...failures.values()].sort((a, b) => b.count - a.count),
    latencyMs: percentiles(latencies),
  };
}

/** By nearest rank, to a hundredth of a millisecond. */
function percentiles(latencies: readonly number[]): SendSummary['latencyMs'] {
  const sorted = [...latencies].sort((a, b) => a - b);
  const rank = (share: number) => Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? 0) * 100) / 100;
  return sorted.length === 0 ? null : { p50: rank(0.5), p99: rank(0.99) };
}

/** Renders the summary of several webhooks. */
export function renderSummary(subject: string, summary: SendSummary, seconds: number): string {
  const { sent, answers, failures, latencyMs } = summary;
  const rate = seconds > 0 ? ` (${Math.round(sent / seconds)} per second)` : '';
  return [
    `Sent ${sent} × ${subject} in ${seconds.toFixed(1)} s${rate}`,
    ...answers.map(
      ({ status, result, count }) => `  ${count} × ${[status, result].filter(Boolean).join(' ')}`,
    ),
    ...failures.map(({ code, count }) => `  ${count} × no response (${code})`),
    ...(latencyMs ? [`Response time: ${latencyMs.p50} ms (p50), ${latencyMs.p99} ms (p99)`] : []),
  ].join('\n');
}

/** Characters shown of a body that is not from ingest. */
const SHOWN_BODY = 500;

/** Renders the response to a single webhook in one line. */
export function renderResult(subject: string, result: PostResult): string {
  if (!result.ok) return `${subject}: no response (${result.code})`;
  const response = parseResponse(result.body);
  // The server may not be ingest: control characters must not reach the terminal.
  const body = oneLine(result.body).slice(0, SHOWN_BODY).trim();
  const text = response.result === null ? body : [response.result, ...response.deliveries].join(' ');
  return `${subject}: ${[result.status, text].filter((part) => part !== '').join(' ')} in ${result.ms.toFixed(1)} ms`;
}
