import type { ReplayRecord, ReplayState } from './replay-record.ts';

/** One that is paused in any shard waits for somebody; it is done when it is in all of them. */
const FIRST: readonly ReplayState[] = ['paused', 'running', 'cancelled', 'done'];

/** Puts together what became of a replay in each shard; undefined if none knows it. */
export function mergeReplays(parts: readonly (ReplayRecord | undefined)[]): ReplayRecord | undefined {
  const known = parts.filter((part) => part !== undefined);
  const [first, ...others] = known;
  if (!first || others.length === 0) return first;
  const sum = (of: (part: ReplayRecord) => number) => known.reduce((total, part) => total + of(part), 0);
  const state = FIRST.find((candidate) => known.some((part) => part.state === candidate)) ?? first.state;
  const why = known.find((part) => part.state === state && part.why !== undefined)?.why;
  const isOver = state === 'cancelled' || state === 'done';
  return {
    id: first.id,
    filter: first.filter,
    until: first.until,
    ...(first.perMinute === undefined
      ? {}
      : { perMinute: Math.round(sum(({ perMinute = 0 }) => perMinute)) }),
    state,
    who: first.who,
    note: first.note,
    createdAt: first.createdAt,
    ...(isOver ? { endedAt: Math.max(...known.map(({ endedAt = 0 }) => endedAt)) } : {}),
    planned: sum(({ planned }) => planned),
    replayed: sum(({ replayed }) => replayed),
    delivered: sum(({ delivered }) => delivered),
    died: sum(({ died }) => died),
    removed: sum(({ removed }) => removed),
    base: { delivered: sum(({ base }) => base.delivered), died: sum(({ base }) => base.died) },
    ...(why === undefined ? {} : { why }),
    steppedAt: Math.max(...known.map(({ steppedAt }) => steppedAt)),
    credit: sum(({ credit }) => credit),
  };
}
