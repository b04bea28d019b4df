import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { redisAway } from '../redis-away.ts';
import { count, moment } from '../views/death.ts';

export const showDeadSummary = defineOperation({
  method: 'get',
  path: '/dead-letters/summary',
  role: 'viewer',
  summary: 'Tells how many dead letters there are, and what retention will delete next',
  answer: z.object({
    dead: count,
    groups: count.describe('causes'),
    oldest: moment.optional().describe('when the one died that is dead for longest'),
    sweep: z
      .object({
        at: moment,
        bytes: count.describe('of all together in Redis, near enough'),
        expiring: count.describe('will be too old within a day after it'),
      })
      .optional()
      .describe('what retention found last; not before its first'),
  }),
  handle: async (_input, { queue }) => {
    const state = await queue.readDead();
    if (!state) throw redisAway();
    const { groups, sweep } = state;
    return {
      dead: groups.reduce((sum, { count: size }) => sum + size, 0),
      groups: groups.length,
      ...(groups.length > 0 ? { oldest: Math.min(...groups.map(({ first }) => first)) } : {}),
      ...(sweep ? { sweep: { at: sweep.at, bytes: sweep.bytes, expiring: sweep.expiring } } : {}),
    };
  },
});
