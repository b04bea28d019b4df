import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { QueueContext } from '../bullmq/context.ts';
import type { DeliveryBackend } from '../bullmq/delivery-backend.ts';
import { queueKey } from '../bullmq/layout.ts';
import { findDeadLetters } from '../dead-letters/search.ts';
import { leaseKey, replayCountsKey, replayKey, runningReplaysKey } from '../keys.ts';
import { BackgroundTask } from '../redis/background-task.ts';
import { takeLease } from '../redis/lease.ts';
import { luaScript, runScript } from '../redis/scripts.ts';
import { outstandingOf, type PausedBy, type ReplayRecord, readReplayRecord } from './record.ts';

export interface ReplayRunnerOptions extends ReplayContext {
  /** Called when a replay pauses itself or is done. */
  readonly onEnded: (ended: ReplayStepResult) => void;
  readonly onError: (error: Error) => void;
}

/** Milliseconds between two steps while replays run, and between two checks while none runs. */
const BUSY = 250;
const IDLE = 1_000;

/**
 * Milliseconds between two steps of a replay with a rate. Requeued dead letters are processed at once, and live
 * deliveries share the workers with them: at 100 per second these are 5, and 25 with steps of 250 ms.
 */
const RATED = 50;

/** Milliseconds after which another process takes over from one that died. */
const LEASE = 5_000;

/** Carries out replays. Each worker process has one; one of them at a time works on a replay. */
export class ReplayRunner {
  readonly #options: ReplayRunnerOptions;
  /** Identifies the process that has the lease. */
  readonly #who = `${hostname()}:${process.pid}:${randomUUID()}`;
  readonly #task: BackgroundTask;

  constructor(options: ReplayRunnerOptions) {
    this.#options = options;
    this.#task = new BackgroundTask({
      once: () => this.#stepAll(),
      onError: options.onError,
      afterError: IDLE,
    });
  }

  start(): void {
    this.#task.start();
  }

  /** Stops after the current step. */
  stop(): Promise<void> {
    return this.#task.stop();
  }

  /** Takes a step of each replay whose lease this process gets. Returns the milliseconds until the next call. */
  async #stepAll(): Promise<number> {
    const { redis, base, onEnded } = this.#options;
    const ids = await redis.smembers(runningReplaysKey(base));
    let wait = ids.length > 0 ? BUSY : IDLE;
    for (const id of ids) {
      if (this.#task.isStopped) break;
      if (!(await takeLease(redis, leaseKey(base, id), this.#who, LEASE))) continue;
      const stepped = await stepReplay(this.#options, id);
      if (stepped?.replay.perMinute) wait = RATED;
      if (stepped?.became) onEnded(stepped);
    }
    return wait;
  }
}

/** Where replays run. */
export type ReplayContext = QueueContext & {
  readonly backend: Pick<DeliveryBackend, 'replay'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** The result of a step: the replay as it was before, and its new state if it stopped. */
export interface ReplayStepResult {
  readonly replay: ReplayRecord;
  readonly became?: 'paused' | 'done';
  readonly why?: string;
}

const END_RUN = luaScript(import.meta.url, './lua/end-run.lua', { keys: 3 });

/**
 * Takes one step of a replay: requeues the next dead letters, or pauses it, or finds that it is done. It may be
 * interrupted at any point and repeated: requeued deliveries are no longer dead, and the others are where they were.
 *
 * @returns undefined if the replay is not running
 */
export async function stepReplay(queue: ReplayContext, id: string): Promise<ReplayStepResult | undefined> {
  const { redis, base, now } = queue;
  const replay = readReplayRecord(id, await redis.hgetall(replayKey(base, id)));
  if (replay?.state !== 'running') {
    await redis.srem(runningReplaysKey(base), id);
    return undefined;
  }
  const step = decideStep(replay, now());
  if (step.kind === 'pause') return end(queue, replay, 'paused', step.why);
  if (step.count === 0) return { replay };
  const { until, cursor } = replay;
  const filter = {
    ...replay.filter,
    until: Math.min(replay.filter.until ?? Number.POSITIVE_INFINITY, until),
  };
  const page = await findDeadLetters(queue, filter, { order: 'oldest', limit: step.count, cursor });
  if (page.letters.length === 0 && !page.next && outstandingOf(replay) === 0) {
    return end(queue, replay, 'done', '');
  }
  const isComplete = await requeue(
    queue,
    id,
    page.letters.map((letter) => letter.id),
  );
  const fields = { steppedAt: now(), credit: step.credit };
  // Where an operator has just paused it, the dead letters that are left are found again from the same cursor.
  const next = page.next ?? endOf(until);
  await redis.hset(replayKey(base, id), isComplete ? { ...fields, cursor: next } : fields);
  return { replay };
}

/** A cursor after all dead letters of a replay: none are looked at while the last are outstanding. */
const endOf = (until: number): string => `${until + 1}-dlv_0`;

/** Requeues dead letters. Returns whether none of them is still dead. */
async function requeue(
  { redis, keyPrefix, backend }: ReplayContext,
  replay: string,
  ids: readonly string[],
): Promise<boolean> {
  const results = await Promise.all(ids.map((id) => backend.replay(id, replay)));
  const left = ids.filter((_, index) => !results[index]);
  if (left.length === 0) return true;
  return (await redis.zmscore(queueKey(keyPrefix, 'failed'), ...left)).every((score) => score === null);
}

async function end(
  { redis, base, now }: ReplayContext,
  replay: ReplayRecord,
  became: 'paused' | 'done',
  why: string,
): Promise<ReplayStepResult> {
  const endedAt = became === 'done' ? now() : '';
  const keys = [replayKey(base, replay.id), runningReplaysKey(base), replayCountsKey(base)];
  const pausedBy: PausedBy | '' = became === 'paused' ? 'failures' : '';
  const ended = await runScript(redis, END_RUN, ...keys, replay.id, became, why, endedAt, pausedBy);
  return ended === 1 ? { replay, became, why } : { replay };
}

/** The next step of a replay. */
export type ReplayStep =
  /** Requeue up to `count`; `credit` is what the rate leaves over. */
  | { readonly kind: 'requeue'; readonly count: number; readonly credit: number }
  /** Too many failed again. */
  | { readonly kind: 'pause'; readonly why: string };

/** Outstanding at first, and two more for each delivered one: no more fail before the replay pauses. */
const FIRST = 10;

/** Most outstanding: half a second of a worker's work. */
const MOST = 2_000;

/** A replay pauses when this many failed again, and they are more than this part of all results. */
const DIED = 10;
const DIED_PART = 0.2;

/** Milliseconds of its rate that a replay may save up, for example while no worker was running. */
const SAVED = 1_000;

const MINUTE = 60_000;

/**
 * Decides how many dead letters a replay may requeue now: as its rate allows, and in proportion to those delivered so
 * far. An incident that is not fixed costs ten attempts and not all dead letters.
 *
 * @param now milliseconds since the epoch
 */
export function decideStep(replay: ReplayRecord, now: number): ReplayStep {
  const died = replay.died - replay.base.died;
  const delivered = replay.delivered - replay.base.delivered;
  if (died >= DIED && died > DIED_PART * (died + delivered)) {
    return { kind: 'pause', why: `${died} of ${died + delivered} failed again` };
  }
  const window = Math.min(MOST, FIRST + 2 * delivered) - outstandingOf(replay);
  const { perMinute, credit, steppedAt } = replay;
  if (perMinute === undefined) return { kind: 'requeue', count: Math.max(0, window), credit: 0 };
  const since = steppedAt === 0 ? 0 : Math.max(0, now - steppedAt);
  const rate = perMinute / MINUTE;
  // The first is requeued at once.
  const saved = steppedAt === 0 ? 1 : Math.min(credit + since * rate, Math.max(1, SAVED * rate));
  const count = Math.max(0, Math.min(window, Math.floor(saved)));
  return { kind: 'requeue', count, credit: saved - count };
}
