import type { Exit, PipelineApp } from '@sluice/testing';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';

const ROUNDS = 20;
const PER_SECOND = 40;
const EACH = [0, 1];

export const rollingRestarts: Row = {
  row: 17,
  fault: `rolling restart × ${ROUNDS} of two ingests and two workers, under load`,
  passes: 'extra = 0; no 5xx but 503 at the edge',
  extra: 'none',
  options: { ingests: EACH.length, workers: EACH.length },
  async run(scene) {
    // So that calls are under way whenever a worker is told to go.
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
    scene.check('restarts that did not drain', hard === 0, `${hard} of ${exits.length}`);
    const bad = scene.responses.filter(({ status }) => status >= 500 && status !== 503).length;
    scene.check('5xx but 503', bad === 0, bad);
  },
};

/** Starts one in the place of another, which is told to go when the new one is ready. */
export async function roll(scene: Scene, name: PipelineApp, place: number): Promise<Exit> {
  const old = scene.pipeline[`${name}s`][place];
  await scene.start(name, place);
  return (await old?.stop()) ?? { code: null, signal: null };
}
