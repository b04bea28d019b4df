import type { Flow } from './event.ts';
import { cut, rateOf } from './rate.ts';
import { startTrial } from './trial.ts';
import type { VariantName } from './variants.ts';
import type { CallOrders } from './worker-process.ts';

export interface ThroughputResult {
  readonly perSecond: number;
  /** Microseconds of CPU an event. */
  readonly workerCpu: number;
  readonly redisCpu: number;
}

/** As if there were no limit. */
const FAR_AWAY = 1_000_000_000;
const GROUP = 50;
const WITHIN = 60_000;

/** How fast events of ten bots are sent, that all wait already, when no limit is near. */
export async function runThroughput(
  variant: VariantName,
  size: number,
  call?: CallOrders,
): Promise<ThroughputResult> {
  const trial = await startTrial(variant, call);
  const flows = Array.from(
    { length: 10 },
    (_, index): Flow => ({
      ...{ connection: `shop-${index}`, bot: `bot-${index}`, eventsPerMinute: FAR_AWAY, share: 1 },
    }),
  );
  for (let left = size; left > 0; left -= GROUP * flows.length) {
    await Promise.all(flows.map((flow) => trial.enqueue(flow, GROUP)));
  }
  const before = await trial.costs();
  trial.crew.run();
  await trial.crew.untilSent(size, WITHIN);
  const after = await trial.costs();
  const sent = trial.crew.sent.toSorted((a, b) => a.at - b.at);
  await trial.stop();
  return {
    // The first are taken while processes compile their code and Redis its scripts.
    perSecond: rateOf(cut(sent, 0.1, 0.95)) / 60,
    workerCpu: ((after.workerCpu - before.workerCpu) * 1e6) / size,
    redisCpu: ((after.redisCpu - before.redisCpu) * 1e6) / size,
  };
}
