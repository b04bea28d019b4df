import { dropOne } from '../faults/mutants.ts';
import { Scene } from '../faults/scene.ts';
import { TROUBLE_MODULE } from '../faults/webhooks.ts';
import type { Workspace } from '../faults/workspace.ts';
import { connections } from './connections.ts';
import { Mix } from './mix.ts';
import { Model } from './model.ts';
import type { SoakOptions } from './parse-options.ts';

/** One pipeline that runs as long as the soak does, and what must become of all that was sent to it. */
export interface Soak {
  readonly scene: Scene;
  readonly model: Model;
  readonly mix: Mix;
}

/** Milliseconds: above the latest answer of the stand-in, 2.2 s, by as much again for a busy machine. */
const SETTLE = 5_000;

/** Milliseconds of every call, after the commit, so that calls are under way whenever something is killed. */
const LATENCY = 150;

/** Starts the pipeline, with what a mutant breaks in it. */
export async function openSoak({ seed, mutant, faults }: SoakOptions, workspace: Workspace): Promise<Soak> {
  const blind = mutant === 'blind' ? { retry: { reconcile: false } } : {};
  const options = {
    ingests: 2,
    workers: 2,
    // Faults break the way to Redis; a proxy in it would be memory of the soak's own.
    ...(faults === 'none' ? {} : { proxied: 'redis' as const }),
    module: TROUBLE_MODULE,
    connections: connections.map((connection) => ({ ...connection, ...blind })),
    env: { SLUICE_SETTLE_MS: String(SETTLE) },
  } as const;
  const scene = await Scene.open({ options }, seed, workspace);
  await scene.pipeline.sandbox.addFault({ kind: 'latency', ms: LATENCY, when: 'after' });
  if (mutant === 'drop') dropOne(scene);
  const model = new Model();
  return { scene, model, mix: new Mix(model, seed) };
}
