import type { Scene } from '../faults/scene.ts';
import type { Round } from './round.ts';

/** As many as are read. */
const AT_MOST = 5;

/** Of a worker's line, what tells how an attempt came to its outcome. */
const TOLD = [
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
 * Tells of a round that failed: what did, when its faults injected, and of a few deliveries what workers said and
 * which calls came in at the sandbox.
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

/** Lines come worker by worker. */
const byTime = (one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>) =>
  String(one.time).localeCompare(String(other.time));

function shorten(line: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.fromEntries(TOLD.map((name) => [name, line[name]])));
}

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 23);
