import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';
import { TROUBLE_MODULE, troubleWebhook } from '../webhooks.ts';

const NEIGHBOURS = 60;
const POISON = 30;
const WORKERS = 2;

export const poison: Row = {
  row: 20,
  fault: 'poisoned delivery: its mapper kills the process',
  passes: 'dead after 3 to 10 crashes; other deliveries succeed',
  extra: 'none',
  dead: 1,
  options: {
    workers: WORKERS,
    module: TROUBLE_MODULE,
    connections: [{ id: 'trouble', source: 'trouble' }],
  },
  async run(scene) {
    const deaths = superviseWorkers(scene);
    scene.faultStarted();
    const make = (index: number) => troubleWebhook({ trouble: index === POISON ? 'abort' : 'none' });
    await scene.load({ count: NEIGHBOURS + 1, make }).done;
    await scene.drained();
    scene.faultEnded();
    scene.recovery = (scene.faultEndedAt - scene.faultStartedAt) / 1_000;
    const crashes = deaths.stop();
    scene.check('crashes until dead', crashes >= 3 && crashes <= 10, crashes);
    const [reason] = await scene.deadReasons();
    scene.check('reason', reason === 'crashed', reason ?? 'none');
    const { distinct } = await scene.pipeline.sandbox.ledger();
    scene.check('other deliveries created', distinct === NEIGHBOURS, distinct);
  },
};

/** Restarts each worker that dies, like an orchestrator. `stop` returns the number of deaths. */
function superviseWorkers(scene: Scene): { stop(): number } {
  let deaths = 0;
  let stopped = false;
  const supervise = async (place: number) => {
    for (let worker = scene.pipeline.workers[place]; worker; worker = await scene.start('worker', place)) {
      await worker.exited;
      if (stopped) return;
      deaths++;
    }
  };
  for (let place = 0; place < WORKERS; place++) void supervise(place);
  return {
    stop: () => {
      stopped = true;
      return deaths;
    },
  };
}
