import { setTimeout as pause } from 'node:timers/promises';
import type { PipelineApp } from '@sluice/testing';
import { roll } from '../../faults/rows/17-rolling-restarts.ts';
import { LOCK, type Scene } from '../../faults/scene.ts';
import type { Fault, FaultParameters } from '../fault.ts';

/** Milliseconds until a killed process is restarted; the start takes some seconds. */
const GONE = [0, 4_000] as const;

/** Up to more than the 5 s timeout of platforms: they resend webhooks that the thawed process still accepts. */
const INGEST_FROZEN = [1_000, 7_000] as const;

/** Longer than the lock, so that another worker takes the deliveries. */
const WORKER_FROZEN = [LOCK + 500, LOCK + 5_000] as const;

async function kill(scene: Scene, name: PipelineApp, { place, ms }: FaultParameters): Promise<void> {
  const app = scene.pipeline[`${name}s`][place];
  app?.signal('SIGKILL');
  await app?.exited;
  await pause(ms);
  await scene.start(name, place);
}

async function freeze(scene: Scene, name: PipelineApp, { place, ms }: FaultParameters): Promise<void> {
  const app = scene.pipeline[`${name}s`][place];
  app?.signal('SIGSTOP');
  await pause(ms);
  app?.signal('SIGCONT');
}

/** Replaces all four processes, two at a time. Each new one is ready before the old one is stopped. */
async function rollAll(scene: Scene): Promise<void> {
  for (const place of [0, 1]) {
    const exits = await Promise.all([roll(scene, 'ingest', place), roll(scene, 'worker', place)]);
    const hard = exits.filter(({ code }) => code !== 0);
    if (hard.length > 0) throw new Error(`did not drain: ${JSON.stringify(hard)}`);
  }
}

/** Faults of Sluice's processes. */
export const appFaults: readonly Fault[] = [
  {
    name: 'ingest killed',
    weight: 3,
    duration: GONE,
    affects: ['ingest'],
    isPlaced: true,
    run: (scene, how) => kill(scene, 'ingest', how),
  },
  {
    name: 'worker killed',
    weight: 4,
    duration: GONE,
    affects: ['worker'],
    isPlaced: true,
    run: (scene, how) => kill(scene, 'worker', how),
  },
  {
    name: 'ingest frozen',
    weight: 1,
    duration: INGEST_FROZEN,
    affects: ['ingest'],
    isPlaced: true,
    run: (scene, how) => freeze(scene, 'ingest', how),
  },
  {
    name: 'worker frozen',
    weight: 3,
    duration: WORKER_FROZEN,
    affects: ['worker'],
    isPlaced: true,
    run: (scene, how) => freeze(scene, 'worker', how),
  },
  {
    name: 'rolling restart',
    weight: 2,
    duration: [0, 0],
    // A drain requires Redis.
    affects: ['ingest', 'worker', 'redis'],
    run: rollAll,
  },
];
