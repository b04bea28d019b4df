import type { Outcome } from './post-webhook.ts';
import { oneLine } from './printed.ts';
import { readAnswer } from './read-answer.ts';
import type { Summary } from './summarise-outcomes.ts';

/** Writes a summary of many webhooks in a few lines. */
export function renderSummary(what: string, summary: Summary, seconds: number): string {
  const { sent, answers, failures, latencyMs } = summary;
  const pace = seconds > 0 ? ` (${Math.round(sent / seconds)} a second)` : '';
  return [
    `sent ${sent} × ${what} in ${seconds.toFixed(1)} s${pace}`,
    ...answers.map(
      ({ status, result, count }) => `  ${count} × ${[status, result].filter(Boolean).join(' ')}`,
    ),
    ...failures.map(({ code, count }) => `  ${count} × no answer (${code})`),
    ...(latencyMs ? [`answered within ${latencyMs.p50} ms (p50), ${latencyMs.p99} ms (p99)`] : []),
  ].join('\n');
}

const SHOWN_BODY = 500;

/** Writes the answer to a single webhook in one line. */
export function renderOutcome(what: string, outcome: Outcome): string {
  if (!outcome.ok) return `${what}: no answer (${outcome.code})`;
  const { result, deliveries } = readAnswer(outcome.body);
  // Whoever answered may not be ingest: nothing of it may steer the terminal.
  const body = oneLine(outcome.body).slice(0, SHOWN_BODY).trim();
  const said = result === null ? body : [result, ...deliveries].join(' ');
  return `${what}: ${[outcome.status, said].filter((part) => part !== '').join(' ')} in ${outcome.ms.toFixed(1)} ms`;
}
