import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { QueueContext } from '../bullmq/context.ts';
import type { DeliveryBackend } from '../bullmq/delivery-backend.ts';
import { findDeadLetters } from '../dead-letters/search.ts';
import { leaseKey, replayCountsKey, replayKey, runningReplaysKey } from '../keys.ts';
import { BackgroundTask } from '../redis/background-task.ts';
import { takeLease } from '../redis/lease.ts';
import { outstandingOf, type PausedBy, type ReplayRecord, readReplayRecord } from './record.ts';

export interface ReplayRunnerOptions extends ReplayContext {
  /** Told when a replay pauses by itself or is done. */
  readonly onEnded: (ended: ReplayStepResult) => void;
  readonly onError: (error: Error) => void;
}

/** Milliseconds between two looks: while replays run, and while none does. */
const BUSY = 250;
const IDLE = 1_000;

/**
 * Milliseconds between two steps of a replay that has a rate. What a step puts back is worked on at once, and a live
 * delivery that comes meanwhile shares the workers with it: at 100 a second that is 5, where 250 ms make 25.
 */
const RATED = 50;

/** Milliseconds after which another process takes over from one that has died. */
const LEASE = 5_000;

/**
 * Does the work of replays. Each worker process has one; each replay is done by one of them at a time, and by
 * another when that has died.
 */
export class ReplayRunner {
  readonly #options: ReplayRunnerOptions;
  /** Tells whoever looks which process has the lease. */
  readonly #who = `${hostname()}:${process.pid}:${randomUUID()}`;
  readonly #repeater: BackgroundTask;

  constructor(options: ReplayRunnerOptions) {
    this.#options = options;
    this.#repeater = new BackgroundTask({
      once: () => this.#stepAll(),
      onError: options.onError,
      afterError: IDLE,
    });
  }

  start(): void {
    this.#repeater.start();
  }

  /** Ends after the step that is under way. */
  stop(): Promise<void> {
    return this.#repeater.stop();
  }

  /** Takes a step of each replay that is ours to do. Returns in how many milliseconds to look again. */
  async #stepAll(): Promise<number> {
    const { redis, base, onEnded } = this.#options;
    const ids = await redis.smembers(runningReplaysKey(base));
    let wait = ids.length > 0 ? BUSY : IDLE;
    for (const id of ids) {
      if (this.#repeater.isStopped) break;
      if (!(await takeLease(redis, leaseKey(base, id), this.#who, LEASE))) continue;
      const stepped = await stepReplay(this.#options, id);
      if (stepped?.replay.perMinute) wait = RATED;
      if (stepped?.became) onEnded(stepped);
    }
    return wait;
  }
}

/** Where replays are done. */
export type ReplayContext = QueueContext & {
  readonly backend: Pick<DeliveryBackend, 'replay'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** What a step came to: the replay as it was before, and what it became, if it does not go on. */
export interface ReplayStepResult {
  readonly replay: ReplayRecord;
  readonly became?: 'paused' | 'done';
  readonly why?: string;
}

/**
 * Ends a replay's running, unless an operator has already. KEYS: replay, set of those running, counts. ARGV: id, state, why,
 * when it ended or nothing, what paused it or nothing.
 */
const END = `
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'why', ARGV[3], 'endedAt', ARGV[4], 'pausedBy', ARGV[5])
redis.call('SREM', KEYS[2], ARGV[1])
redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
return 1
`;

/**
 * Takes one step of a replay: puts the next dead letters back, or pauses it, or finds that it is done. It may be cut
 * off anywhere and taken again: what is put back is not dead any more, and the rest is where it was.
 *
 * @returns undefined if it is not running
 */
export async function stepReplay(
  replaying: ReplayContext,
  id: string,
): Promise<ReplayStepResult | undefined> {
  const { redis, base, now } = replaying;
  const replay = readReplayRecord(id, await redis.hgetall(replayKey(base, id)));
  if (replay?.state !== 'running') {
    await redis.srem(runningReplaysKey(base), id);
    return undefined;
  }
  const step = decideStep(replay, now());
  if (step.kind === 'pause') return end(replaying, replay, 'paused', step.why);
  if (step.count === 0) return { replay };
  const { until, cursor } = replay;
  const filter = {
    ...replay.filter,
    until: Math.min(replay.filter.until ?? Number.POSITIVE_INFINITY, until),
  };
  const page = await findDeadLetters(replaying, filter, { order: 'oldest', limit: step.count, cursor });
  if (page.letters.length === 0 && !page.next && outstandingOf(replay) === 0) {
    return end(replaying, replay, 'done', '');
  }
  const isAllBack = await requeue(
    replaying,
    id,
    page.letters.map((letter) => letter.id),
  );
  const fields = { steppedAt: now(), credit: step.credit };
  // What was not put back, for an operator has just paused it, is found again from the same place.
  const next = page.next ?? endOf(until);
  await redis.hset(replayKey(base, id), isAllBack ? { ...fields, cursor: next } : fields);
  return { replay };
}

/** Behind all that a replay is about, so that nothing is looked at in vain while the last are on their way. */
const endOf = (until: number): string => `${until + 1}-dlv_0`;

/** Returns whether none of them is dead still. */
async function requeue(
  { redis, keyPrefix, backend }: ReplayContext,
  replay: string,
  ids: readonly string[],
): Promise<boolean> {
  const results = await Promise.all(ids.map((id) => backend.replay(id, replay)));
  const left = ids.filter((_, index) => !results[index]);
  if (left.length === 0) return true;
  return (await redis.zmscore(`${keyPrefix}failed`, ...left)).every((score) => score === null);
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
  const ended = await redis.eval(END, 3, ...keys, replay.id, became, why, endedAt, pausedBy);
  return ended === 1 ? { replay, became, why } : { replay };
}

/** What a replay is to do next. */
export type ReplayStep =
  /** Put so many back, if there are as many; `credit` is what the rate leaves over. */
  | { readonly kind: 'put_back'; readonly count: number; readonly credit: number }
  /** Too many die again. */
  | { readonly kind: 'pause'; readonly why: string };

/** On their way at first; two more for each that is delivered. So no more than these die before it is noticed. */
const FIRST = 10;

/** On their way at most: half a second of a worker's work. */
const MOST = 2_000;

/** A replay pauses when so many have died again, and they are more than this part of all that ended. */
const DIED = 10;
const DIED_PART = 0.2;

/** Milliseconds of its rate that a replay may save up, as while nobody worked for it. */
const SAVED = 1_000;

const MINUTE = 60_000;

/**
 * Decides how many dead letters a replay may put back now: as many as its rate allows and as were lately seen to be
 * delivered, so that what is still broken costs ten dead letters and not all of them.
 *
 * @param now milliseconds since the epoch
 */
export function decideStep(replay: ReplayRecord, now: number): ReplayStep {
  const died = replay.died - replay.base.died;
  const delivered = replay.delivered - replay.base.delivered;
  if (died >= DIED && died > DIED_PART * (died + delivered)) {
    return { kind: 'pause', why: `${died} of ${died + delivered} died again` };
  }
  const window = Math.min(MOST, FIRST + 2 * delivered) - outstandingOf(replay);
  const { perMinute, credit, steppedAt } = replay;
  if (perMinute === undefined) return { kind: 'put_back', count: Math.max(0, window), credit: 0 };
  const since = steppedAt === 0 ? 0 : Math.max(0, now - steppedAt);
  const rate = perMinute / MINUTE;
  // The first goes at once.
  const saved = steppedAt === 0 ? 1 : Math.min(credit + since * rate, Math.max(1, SAVED * rate));
  const count = Math.max(0, Math.min(window, Math.floor(saved)));
  return { kind: 'put_back', count, credit: saved - count };
}
