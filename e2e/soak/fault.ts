import type { Scene } from '../faults/scene.ts';

/** What a fault strikes, or needs to be well. */
export type Affected = 'ingest' | 'worker' | 'redis' | 'calls' | 'looks' | 'bots' | 'operator';

/** A kind of trouble that the soak makes. */
export interface Fault {
  readonly name: string;
  /** How often it is chosen, against the others. */
  readonly weight: number;
  /** Milliseconds that it lasts: at least, and at most. */
  readonly duration: readonly [number, number];
  /** Two faults that share one of these never meet. */
  readonly affects: readonly Affected[];
  /** Whether it strikes one of two processes. */
  readonly isPlaced?: true;
  /** Strikes, and heals what it struck before it resolves, whatever happens meanwhile. */
  run(scene: Scene, how: FaultParameters): Promise<void>;
}

/** How a fault strikes this time. */
export interface FaultParameters {
  /** Milliseconds that it lasts. */
  readonly ms: number;
  /** Which of two processes. */
  readonly place: 0 | 1;
  /** For whatever else it has to choose, of a seed of its own: what other faults do meanwhile changes nothing. */
  readonly random: () => number;
}

/** One of a list. */
export function oneOf<T>(random: () => number, list: readonly [T, ...T[]]): T {
  return list[Math.floor(random() * list.length)] ?? list[0];
}

/** A number between two. */
export const between = (random: () => number, [least, most]: readonly [number, number]): number =>
  Math.round(least + random() * (most - least));
