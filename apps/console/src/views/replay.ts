import { maskPersonalData } from '@sluice/events';
import { outstandingOf, type ReplayRecord } from '@sluice/queue';
import { z } from 'zod';
import { Problem } from '../problem.ts';
import { count, moment } from './death.ts';

export const replayId = z.strictObject({
  id: z.string().regex(/^rpl_[\w-]{1,100}$/, 'is no id of a replay, rpl_…'),
});

export const replaySchema = z.object({
  id: z.string(),
  state: z.enum(['running', 'paused', 'done', 'cancelled']),
  filter: z.record(z.string(), z.unknown()).describe('personal data in it are masked'),
  perMinute: z.number().optional(),
  who: z.string(),
  note: z.string(),
  createdAt: moment,
  endedAt: moment.optional(),
  planned: count.describe('dead letters that fitted when it was asked for'),
  replayed: count.describe('put back so far'),
  delivered: count,
  died: count.describe('dead again'),
  removed: count.describe('gone otherwise, e.g. erased'),
  outstanding: z.int().describe('put back, and on their way'),
  why: z.string().optional().describe('why it is paused'),
  pausedBy: z
    .enum(['operator', 'failures'])
    .optional()
    .describe('an operator, or too many repeated failures'),
});

export function viewReplay(replay: ReplayRecord): z.output<typeof replaySchema> {
  const { id, state, perMinute, who, note, createdAt, endedAt, why, pausedBy } = replay;
  const { planned, replayed, delivered, died, removed } = replay;
  return {
    ...{ id, state, who, note, createdAt, planned, replayed, delivered, died, removed },
    filter: Object(maskPersonalData(replay.filter)),
    outstanding: outstandingOf(replay),
    ...(perMinute === undefined ? {} : { perMinute }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(why === undefined ? {} : { why }),
    ...(pausedBy === undefined ? {} : { pausedBy }),
  };
}

export function noReplay(id: string): Problem {
  return new Problem(
    'not_found',
    `there is no replay ${id}; GET /api/replays lists those that are remembered`,
  );
}
