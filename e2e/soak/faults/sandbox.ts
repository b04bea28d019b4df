import { setTimeout as pause } from 'node:timers/promises';
import { type Scene, TIMES } from '../../faults/scene.ts';
import { BOTS } from '../connections.ts';
import { between, type Fault, type FaultParameters, oneOf } from '../fault.ts';

/** Milliseconds: long enough for the third attempt of a delivery, about 6 s after the first. */
const LASTS = [2_000, 8_000] as const;

/** Longer than the worker's timeout, and well below the time after which a missing event counts as absent. */
const LATE = [TIMES.apiTimeout + 300, TIMES.apiTimeout + 1_200] as const;

type SandboxFault = Readonly<Record<string, unknown>>;

/** Creates a fault of the sandbox. `apps/sandbox/README.md` lists its fields. */
function sandboxFault(
  name: string,
  weight: number,
  choose: (random: () => number) => readonly SandboxFault[],
): Fault {
  return {
    name,
    weight,
    duration: LASTS,
    affects: ['calls', 'looks'],
    run: (scene, { ms, random }) => strike(scene, choose(random), ms),
  };
}

async function strike({ pipeline: { sandbox } }: Scene, faults: readonly SandboxFault[], ms: number) {
  const added = await Promise.all(faults.map(sandbox.addFault));
  await pause(ms);
  // Only these faults: a small latency stays active during the whole soak.
  for (const { id } of added) await fetch(`${sandbox.url}/sandbox/faults/${id}`, { method: 'DELETE' });
}

/** Returns a random probability and target: all bots in half of the cases. */
function often(random: () => number, [least, most]: readonly [number, number]) {
  return {
    probability: least + random() * (most - least),
    seed: Math.floor(random() * 1_000_000),
    ...(random() < 0.5 ? {} : { match: { botId: oneOf(random, BOTS) } }),
  };
}

const when = (random: () => number) => oneOf(random, ['before', 'after']);

async function revoke({ pipeline: { sandbox } }: Scene, { ms, random }: FaultParameters): Promise<void> {
  const bot = oneOf(random, BOTS);
  await sandbox.setBot(bot, { state: 'revoked' });
  await pause(ms);
  await sandbox.setBot(bot, { state: 'active' });
}

/** Faults of Botpress. */
export const sandboxFaults: readonly Fault[] = [
  sandboxFault('late responses', 3, (random) => [
    { kind: 'latency', ms: between(random, LATE), when: when(random), ...often(random, [0.1, 0.6]) },
  ]),
  sandboxFault('responses lost', 4, (random) => [
    { kind: 'reset', when: when(random), ...often(random, [0.1, 0.5]) },
  ]),
  sandboxFault('responses lost and lookups fail', 2, (random) => [
    { kind: 'reset', when: when(random), ...often(random, [0.1, 0.3]) },
    {
      ...oneOf<SandboxFault>(random, [{ kind: 'status', status: 503 }, { kind: 'reset' }]),
      probability: 0.5,
      seed: Math.floor(random() * 1_000_000),
      match: { operation: 'listEvents' },
    },
  ]),
  sandboxFault('500 or 503', 2, (random) => [
    { kind: 'status', status: oneOf(random, [500, 503]), ...often(random, [0.3, 1]) },
  ]),
  sandboxFault('502 or 504', 2, (random) => [
    { kind: 'status', status: oneOf(random, [502, 504]), ...often(random, [0.3, 1]) },
  ]),
  sandboxFault('429', 2, (random) => [
    {
      kind: 'rate-limited',
      retryAfterSeconds: between(random, [1, 4]),
      retryAfterAs: oneOf(random, ['seconds', 'date']),
      ...often(random, [0.05, 0.5]),
    },
  ]),
  { name: 'token revoked', weight: 2, duration: [1_000, 8_000], affects: ['bots'], run: revoke },
];
