import { findDeadLetters } from '../dead-letters/find-dead-letters.ts';
import type { Place } from '../dead-letters/place.ts';
import type { LedgerBackend } from '../ledger/ledger-backend.ts';
import { decideStep } from './decide-step.ts';
import { replayCountsKey, replayKey, runningReplaysKey } from './replay-keys.ts';
import { outstandingOf, type ReplayRecord, readReplayRecord } from './replay-record.ts';

/** Where replays are done. */
export type Replaying = Place & {
  readonly backend: Pick<LedgerBackend, 'replay'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** What a step came to: the replay as it was before, and what it became, if it does not go on. */
export interface Stepped {
  readonly replay: ReplayRecord;
  readonly became?: 'paused' | 'done';
  readonly why?: string;
}

/**
 * Ends a replay's running, unless an operator has already. KEYS: replay, set of those running, counts. ARGV: id, state, why,
 * when it ended or nothing.
 */
const END = `
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'why', ARGV[3], 'endedAt', ARGV[4])
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
export async function stepReplay(replaying: Replaying, id: string): Promise<Stepped | undefined> {
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
  const filter = { ...replay.filter, to: Math.min(replay.filter.to ?? Number.POSITIVE_INFINITY, until) };
  const page = await findDeadLetters(replaying, filter, { order: 'oldest', limit: step.count, cursor });
  if (page.letters.length === 0 && !page.next && outstandingOf(replay) === 0) {
    return end(replaying, replay, 'done', '');
  }
  const isAllBack = await putBack(
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
async function putBack(
  { redis, keyPrefix, backend }: Replaying,
  replay: string,
  ids: readonly string[],
): Promise<boolean> {
  const results = await Promise.all(ids.map((id) => backend.replay(id, replay)));
  const left = ids.filter((_, index) => !results[index]);
  if (left.length === 0) return true;
  return (await redis.zmscore(`${keyPrefix}failed`, ...left)).every((score) => score === null);
}

async function end(
  { redis, base, now }: Replaying,
  replay: ReplayRecord,
  became: 'paused' | 'done',
  why: string,
): Promise<Stepped> {
  const endedAt = became === 'done' ? now() : '';
  const keys = [replayKey(base, replay.id), runningReplaysKey(base), replayCountsKey(base)];
  const ended = await redis.eval(END, 3, ...keys, replay.id, became, why, endedAt);
  return ended === 1 ? { replay, became, why } : { replay };
}
