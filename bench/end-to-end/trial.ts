import { compareLedgers, type RunningSandbox } from '@sluice/testing';
import type { Load } from '../answering/load.ts';
import type { Answer } from '../answering/load-process.ts';
import { percentile } from '../numbers.ts';
import { startProcessClock } from '../process-clock.ts';
import type { RunningContestant } from './contestant.ts';

/** Of the load. */
export const CONNECTIONS = 64;
/** Longer than any trial. */
const NO_END = 3_600_000;

export interface Stage {
  readonly load: Load;
  readonly sandbox: RunningSandbox;
}

/** Which of the orders are sent, and how. */
export interface Work {
  readonly from: number;
  readonly count: number;
  /** A second; without it as fast as they are answered. */
  readonly rate?: number;
}

export interface Measured {
  /** Events a second, from the first webhook to the last event. */
  readonly perSecond: number;
  /** Webhooks answered with 2xx a second. */
  readonly acceptedPerSecond: number;
  /** Milliseconds until the answer. */
  readonly answer: { readonly p50: number; readonly p99: number };
  /** Milliseconds from a webhook, when it was to be sent, to the call that created its event. */
  readonly created: { readonly p50: number; readonly p99: number };
  readonly accepted: number;
  /** Webhooks whose answer was no 2xx: their sender may come again. */
  readonly refused: number;
  /** Accepted, and no event came of it. */
  readonly lost: number;
  /** Events beyond one for each webhook. */
  readonly doubled: number;
  /** Microseconds an event by what the processes are; `sandbox` and `load` among them. */
  readonly cpu: Readonly<Record<string, number>>;
  /** The most that Redis has had since it started, in MiB. */
  readonly redisMemory: number | undefined;
}

/** Sends orders, waits until all events are there, and compares what was accepted with what was created. */
export async function runTrial(
  { load, sandbox }: Stage,
  contestant: RunningContestant,
  work: Work,
): Promise<Measured> {
  await sandbox.reset();
  const parts = { ...contestant.processes, sandbox: sandbox.app.pid };
  const clocks = Object.entries(parts).map(([name, pid]) => [name, startProcessClock(pid)] as const);
  const { port } = contestant;
  const { answers, cpu } = await load.run(
    { port, connections: CONNECTIONS, warmMs: 0, ms: NO_END, repeats: false, records: true, ...work },
    [],
  );
  const answered = now();
  const accepted = answers.filter(({ status }) => status >= 200 && status < 300);
  const all = contestant.defers && (await waitForCreated(sandbox, accepted.length));
  const until = now();
  const created = (await sandbox.ledger()).distinct;
  const costs = clocks.map(([name, seconds]) => [name, (1e6 * seconds()) / created] as const);
  const start = Math.min(...answers.map(({ sentAt }) => sentAt));
  const ids = new Set(accepted.map(({ id }) => id));
  if (ids.size < accepted.length) throw new Error('two responses named the same delivery');
  const { lost, extra } = await compareLedgers({ accepted: ids, deliveryIds: new Map() }, sandbox);
  return {
    // Where no more can come, or comes: until the last answer.
    perSecond: (1_000 * created) / ((all ? until : answered) - start),
    acceptedPerSecond: (1_000 * accepted.length) / (answered - start),
    answer: partsOf(answers.map(({ ms }) => ms)),
    created: partsOf(await timesToCreate(sandbox, accepted)),
    ...{ accepted: accepted.length, refused: answers.length - accepted.length },
    ...{ lost: lost.length, doubled: extra },
    cpu: { ...Object.fromEntries(costs), load: (1e6 * cpu) / created },
    redisMemory: contestant.redis && memoryPeak(await contestant.redis.info('memory')),
  };
}

const now = () => performance.timeOrigin + performance.now();

const partsOf = (values: readonly number[]) => ({
  p50: percentile(values, 0.5),
  p99: percentile(values, 0.99),
});

const memoryPeak = (info: string) => Number(/used_memory_peak:(\d+)/.exec(info)?.[1]) / 2 ** 20;

/** Whether that many arrived; false after a minute without any. */
async function waitForCreated(sandbox: RunningSandbox, count: number): Promise<boolean> {
  for (;;) {
    const { distinct } = await sandbox.ledger();
    try {
      await sandbox.waitFor({ distinct: count });
      return true;
    } catch (error) {
      if ((await sandbox.ledger()).distinct === distinct) return false;
      if (!(error instanceof Error && error.message.includes('408'))) throw error;
    }
  }
}

async function timesToCreate(sandbox: RunningSandbox, accepted: readonly Answer[]): Promise<number[]> {
  const sent = new Map(accepted.map(({ id, sentAt }) => [id, sentAt]));
  const calls = await sandbox.calls();
  return calls.flatMap(({ deliveryId, eventId, at }) => {
    const sentAt = eventId === null ? undefined : sent.get(deliveryId ?? '');
    return sentAt === undefined ? [] : [at - sentAt];
  });
}
