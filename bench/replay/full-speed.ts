import { enqueue } from '../eager-producer.ts';
import { median, rateOf, spread } from '../numbers.ts';
import { liveOrder } from './order.ts';
import { report } from './report.ts';
import { startReplay, untilEnded } from './run-replay.ts';
import { FAILED, openStage } from './stage.ts';
import { watchMemory } from './watch-memory.ts';

const ROUNDS = 3;
/** Of each round; the sandbox keeps 100,000 calls. */
const COMPARED = 10_000;
const GROUP = 500;

/** Replays all at full speed, and compares with as many that come live. */
export async function benchFullSpeed(count: number): Promise<string> {
  return [await replayAll(count), '', await compareWithLive()].join('\n');
}

async function replayAll(count: number): Promise<string> {
  const stage = await openStage();
  const worker = await stage.startWorker();
  await stage.seed(count);
  const ids = await stage.redis.zrange(FAILED, '0', '-1');
  const first = await time(() => stage.replays.plan({}));
  const again = await time(() => stage.replays.plan({}));
  report(`replay of ${count} at full speed`);
  const memory = await watchMemory(worker, stage.redis);
  const {
    createdAt,
    endedAt = Number.NaN,
    delivered,
    died,
  } = await untilEnded(stage, await startReplay(stage));
  const { start, peak, end } = await memory.stop();
  const created = await stage.sandbox.delivered();
  const ledger = await stage.ledger.readLedger();
  await stage.close();
  const lost = ids.filter((id) => !created.has(id)).length;
  const doubled = [...created.values()].filter((times) => times > 1).length;
  const seconds = (endedAt - createdAt) / 1_000;
  const { accepted, delivered: deliveredCount, dead, pending } = ledger.total;
  return [
    `| ${count.toLocaleString('en-US')} dead letters of 1 kB, one worker | |`,
    '| --- | --- |',
    `| plan, where the groups have to be made first, ms | ${first.toFixed(0)} |`,
    `| plan, ms | ${again.toFixed(1)} |`,
    `| replay of all, s | ${seconds.toFixed(1)} |`,
    `| deliveries/s | ${(count / seconds).toFixed(0)} |`,
    `| delivered, died again | ${delivered}, ${died} |`,
    `| by the sandbox's ledger: created, lost, doubled | ${created.size}, ${lost}, ${doubled} |`,
    `| ledger: accepted = delivered + dead + pending | ${accepted} = ${deliveredCount} + ${dead} + ${pending}, ${ledger.holds ? 'balances' : 'DOES NOT BALANCE'} |`,
    `| worker's memory at start, at most, at the end, MiB | ${mib(start.worker, peak.worker, end.worker)} |`,
    `| Redis' memory, MiB | ${mib(start.redis, peak.redis, end.redis)} |`,
  ].join('\n');
}

const mib = (...values: readonly number[]) => values.map((value) => value.toFixed(0)).join(', ');

async function time(what: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await what();
  return performance.now() - start;
}

async function compareWithLive(): Promise<string> {
  const rates = { live: [] as number[], replayed: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    const sides = ['live', 'replayed'] as const;
    for (const side of round % 2 ? sides.toReversed() : sides) {
      const rate = await measure(side);
      rates[side].push(rate);
      report(`${COMPARED} ${side}, round ${round + 1}: ${rate.toFixed(0)} deliveries/s`);
    }
  }
  const ratios = rates.replayed.map((rate, round) => rate / (rates.live[round] ?? Number.NaN));
  return [
    `| deliveries/s of ${COMPARED.toLocaleString('en-US')}, ${ROUNDS} alternated rounds | median (least to most) |`,
    '| --- | --- |',
    `| a backlog that came live | ${spread(rates.live)} |`,
    `| replayed at full speed | ${spread(rates.replayed)} |`,
    `| ratio, round by round | ${median(ratios).toFixed(2)} |`,
  ].join('\n');
}

async function measure(side: 'live' | 'replayed'): Promise<number> {
  const stage = await openStage();
  if (side === 'live') {
    for (let left = COMPARED; left > 0; left -= GROUP) {
      await enqueue(stage.producer, Array.from({ length: GROUP }, liveOrder));
    }
    await stage.startWorker();
    await stage.drained();
  } else {
    await stage.startWorker();
    await stage.seed(COMPARED);
    await untilEnded(stage, await startReplay(stage));
  }
  const calls = await stage.sandbox.calls({ status: '201' });
  await stage.close();
  return rateOf(calls.map(({ at }) => at));
}
