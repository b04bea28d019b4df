import { setTimeout as pause } from 'node:timers/promises';
import type { Scene } from '../faults/scene.ts';
import type { Planned, Trouble } from './plan-faults.ts';

/** A fault that has struck. */
export interface Struck {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Why it could not be made, or not be healed. */
  readonly error?: string;
}

/** Milliseconds that are left to the load alone at a round's end. */
const REST = 5_000;

/**
 * Strikes with one trouble after the other until the time is over. A fault that lasts is followed to its end.
 *
 * @param until milliseconds since the epoch
 */
export async function makeTrouble(
  scene: Scene,
  troubles: Iterable<Trouble>,
  until: number,
  onStruck: (struck: Struck) => void,
): Promise<void> {
  for (const { peace, faults } of troubles) {
    const end = until - REST;
    await pause(Math.min(peace, Math.max(0, end - Date.now())));
    if (Date.now() >= end) break;
    await Promise.all(faults.map(async (planned) => onStruck(await strike(scene, planned))));
  }
  await pause(Math.max(0, until - Date.now()));
}

async function strike(scene: Scene, { fault, how, after }: Planned): Promise<Struck> {
  await pause(after);
  const from = Date.now();
  const name = fault.isPlaced ? `${fault.name} (${how.place + 1})` : fault.name;
  try {
    await fault.run(scene, how);
    return { name, from, to: Date.now() };
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    return { name, from, to: Date.now(), error: told };
  }
}
