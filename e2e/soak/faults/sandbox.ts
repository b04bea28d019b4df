import { setTimeout as pause } from 'node:timers/promises';
import { type Scene, TIMES } from '../../faults/scene.ts';
import { BOTS } from '../connections.ts';
import { between, type Fault, type FaultParameters, oneOf } from '../fault.ts';

/** Milliseconds; long enough for a delivery's third attempt, which comes some 6 s after the first. */
const LASTS = [2_000, 8_000] as const;

/** Beyond the worker's patience, and well below the time after which an event that does not show is absent. */
const LATE = [TIMES.apiTimeout + 300, TIMES.apiTimeout + 1_200] as const;

type SandboxFault = Readonly<Record<string, unknown>>;

/** Makes a fault of the stand-in's, which takes them as `apps/sandbox/README.md` lists them. */
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
  // Not all faults: every call is late by a little as long as the soak runs.
  for (const { id } of added) await fetch(`${sandbox.url}/sandbox/faults/${id}`, { method: 'DELETE' });
}

/** How often it strikes, and whom: half of the time all bots. */
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

/** Of Botpress. */
export const sandboxFaults: readonly Fault[] = [
  sandboxFault('late answers', 3, (random) => [
    { kind: 'latency', ms: between(random, LATE), when: when(random), ...often(random, [0.1, 0.6]) },
  ]),
  sandboxFault('answers lost', 4, (random) => [
    { kind: 'reset', when: when(random), ...often(random, [0.1, 0.5]) },
  ]),
  sandboxFault('answers lost and looks fail', 2, (random) => [
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
