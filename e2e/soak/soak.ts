import { dropOne } from '../faults/mutants.ts';
import { Scene } from '../faults/scene.ts';
import { TROUBLE_MODULE } from '../faults/webhooks.ts';
import type { Workspace } from '../faults/workspace.ts';
import { connections } from './connections.ts';
import { Mix } from './mix.ts';
import { Model } from './model.ts';
import type { SoakOptions } from './parse-options.ts';

/** The pipeline of a soak, with the expected results of all webhooks. */
export interface Soak {
  readonly scene: Scene;
  readonly model: Model;
  readonly mix: Mix;
}

/** Milliseconds: twice the latest response of the sandbox, 2.2 s, for a busy machine. */
const SETTLE = 5_000;

/** Latency of every call after the commit in milliseconds, so that calls are in flight when a process is killed. */
const LATENCY = 150;

/** Starts the pipeline, broken on purpose if a mutant is given. */
export async function openSoak({ seed, mutant, faults }: SoakOptions, workspace: Workspace): Promise<Soak> {
  const blind = mutant === 'blind' ? { retry: { reconcile: false } } : {};
  const options = {
    ingests: 2,
    workers: 2,
    // Faults use a proxy to Redis. Without faults it would only add to the memory of the soak process.
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
