import type { Scene } from '../faults/scene.ts';
import type { Round } from './round.ts';

/** Described deliveries, at most. */
const AT_MOST = 5;

/** Fields of a worker's log line that explain the outcome of an attempt. */
const FIELDS = [
  'time',
  'attempt',
  'outcome',
  'reason',
  'after',
  'until',
  'reconciled',
  'eventId',
  'ms',
  'detail',
];

/**
 * Describes a failed round: failed checks, times of its faults, and for a few deliveries the log lines of the
 * workers and the calls received by the sandbox.
 */
export async function explain(scene: Scene, { checks, findings, injected }: Round): Promise<string[]> {
  const { doubled } = await scene.pipeline.sandbox.ledger();
  const problems = new Map(findings.map(({ id, what }) => [id ?? '(no id)', what]));
  for (const [id, times] of Object.entries(doubled))
    if (!problems.has(id)) problems.set(id, `has ${times} events`);
  const ids = [...problems].slice(0, AT_MOST);
  const stories = await Promise.all(ids.map(([id, what]) => describeDelivery(scene, id, what)));
  return [
    ...checks.filter(({ ok }) => !ok).map(({ what, got }) => `  FAILED ${what}: ${got}`),
    ...injected.map(({ name, from, to }) => `  ${clock(from)} to ${clock(to)} ${name}`),
    ...stories.flat(),
  ];
}

async function describeDelivery(scene: Scene, id: string, what: string): Promise<string[]> {
  const calls = await scene.pipeline.sandbox.calls({ deliveryId: id });
  const attempts = scene.attempts(({ delivery }) => delivery === id);
  return [
    `  ${id} ${what}`,
    ...attempts.toSorted(byTime).map((line) => `    worker: ${shorten(line)}`),
    ...calls.map(({ at, ...call }) => `    sandbox: ${clock(at)} ${JSON.stringify(call)}`),
  ];
}

/** Lines are grouped by worker and need to be sorted by time. */
const byTime = (one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>) =>
  String(one.time).localeCompare(String(other.time));

function shorten(line: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.fromEntries(FIELDS.map((name) => [name, line[name]])));
}

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 23);
