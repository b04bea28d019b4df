import type { Scene } from '../faults/scene.ts';
import type { Model } from './model.ts';

/**
 * Puts an empty object in the place of each thing that was sent, wherever it is a key: half an hour of orders of
 * 8 kB would be 600 MB, and the garbage collector's pauses would be faults that nobody planned. Call it while nothing
 * is being sent.
 *
 * @param kept things that may be sent again, and stay
 */
export function forgetBodies(
  { ledger: { told }, answers }: Scene,
  model: Model,
  kept: ReadonlySet<object>,
): void {
  const light = new Map<object, object>();
  const toLight = (thing: object) => {
    if (kept.has(thing)) return thing;
    const known = light.get(thing) ?? {};
    light.set(thing, known);
    return known;
  };
  const entries = [...told];
  told.clear();
  for (const [thing, places] of entries) told.set(toLight(thing), places);
  model.replace(toLight);
  answers.length = 0;
}
