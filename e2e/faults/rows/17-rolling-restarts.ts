import type { Exit, PipelineApp } from '@sluice/testing';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';

const ROUNDS = 20;
const PER_SECOND = 40;
const EACH = [0, 1];

export const rollingRestarts: Row = {
  row: 17,
  fault: `rolling restart × ${ROUNDS} of two ingests and two workers, under load`,
  passes: 'extra = 0; no 5xx other than 503 from ingest',
  extra: 'none',
  options: { ingests: EACH.length, workers: EACH.length },
  async run(scene) {
    // Keeps calls in flight when a worker is stopped.
    await scene.pipeline.sandbox.addFault({ kind: 'latency', ms: 100, when: 'after' });
    const load = scene.load({ perSecond: PER_SECOND });
    const exits: Exit[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const rolls = EACH.flatMap((place) => [roll(scene, 'ingest', place), roll(scene, 'worker', place)]);
      exits.push(...(await Promise.all(rolls)));
    }
    await load.stop();
    await scene.drained();
    const hard = exits.filter(({ code }) => code !== 0).length;
    scene.check('restarts without a drain', hard === 0, `${hard} of ${exits.length}`);
    const bad = scene.responses.filter(({ status }) => status >= 500 && status !== 503).length;
    scene.check('5xx other than 503', bad === 0, bad);
  },
};

/** Replaces an app: starts the new one, then stops the old one. */
export async function roll(scene: Scene, name: PipelineApp, place: number): Promise<Exit> {
  const old = scene.pipeline[`${name}s`][place];
  await scene.start(name, place);
  return (await old?.stop()) ?? { code: null, signal: null };
}
