import type { Scene } from '../faults/scene.ts';

/** A part of the pipeline that a fault breaks or depends on. */
export type Affected = 'ingest' | 'worker' | 'redis' | 'calls' | 'looks' | 'bots' | 'operator';

/** A kind of fault. */
export interface Fault {
  readonly name: string;
  /** Relative frequency. */
  readonly weight: number;
  /** Minimum and maximum duration in milliseconds. */
  readonly duration: readonly [number, number];
  /** Faults that affect the same part never overlap. */
  readonly affects: readonly Affected[];
  /** Whether it affects one of two processes. */
  readonly isPlaced?: true;
  /** Injects the fault, and ends it before the promise settles. */
  run(scene: Scene, how: FaultParameters): Promise<void>;
}

/** Parameters of one injection. */
export interface FaultParameters {
  /** Duration in milliseconds. */
  readonly ms: number;
  /** Index of the affected process. */
  readonly place: 0 | 1;
  /** Random numbers from a separate seed, so that concurrent faults do not change them. */
  readonly random: () => number;
}

/** Returns a random element. */
export function oneOf<T>(random: () => number, list: readonly [T, ...T[]]): T {
  return list[Math.floor(random() * list.length)] ?? list[0];
}

/** Returns a random number in a range. */
export const between = (random: () => number, [least, most]: readonly [number, number]): number =>
  Math.round(least + random() * (most - least));
