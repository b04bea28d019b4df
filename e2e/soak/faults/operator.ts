import { setTimeout as pause } from 'node:timers/promises';
import { runSluice } from '@sluice/testing';
import type { Scene } from '../../faults/scene.ts';
import { CONNECTION_IDS } from '../connections.ts';
import { type Fault, oneOf } from '../fault.ts';

async function sluice({ pipeline }: Scene, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await (await runSluice(args, pipeline.env)).ended;
  if (code !== 0) throw new Error(`sluice ${args.join(' ')}: ${stderr.trim() || `exit ${code}`}`);
}

/** An operator pauses and resumes a connection. */
const held: Fault = {
  name: 'connection paused by an operator',
  weight: 2,
  duration: [1_000, 8_000],
  // The command line requires Redis.
  affects: ['operator', 'redis'],
  async run(scene, { ms, random }) {
    const id = oneOf(random, CONNECTION_IDS);
    await sluice(scene, 'connections', 'pause', id, '--note', 'soak');
    await pause(ms);
    await sluice(scene, 'connections', 'resume', id);
  },
};

/** An operator replays all dead letters. All fail again, so the replay pauses itself, even if workers die meanwhile. */
const replayed: Fault = {
  name: 'replay by an operator',
  weight: 2,
  duration: [500, 1_000],
  affects: ['operator', 'redis'],
  run: (scene) => sluice(scene, 'replay', 'run', '--all', '--yes', '--detach'),
};

export const operatorFaults: readonly Fault[] = [held, replayed];
