import { maskPersonalData, maskText } from '@sluice/events';
import { DryRun, executeDryRun } from '@sluice/queue';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { redisUnavailable } from '../http/problem.ts';
import { count, moment } from '../schemas/common.ts';
import { deadLetterSchema, groupSchema, viewDeadLetter, viewGroup } from '../schemas/dead-letter.ts';
import { filterQuery, filterSchema, toFilter, wholeNumber } from '../schemas/filter.ts';

export const deadLetterPage = z
  .object({
    letters: z.array(deadLetterSchema),
    next: z.string().optional().describe('cursor of the next page; absent on the last page'),
  })
  .meta({ id: 'DeadLetterPage' });

export const listDeadLetters = defineOperation({
  id: 'listDeadLetters',
  method: 'get',
  path: '/dead-letters',
  role: 'viewer',
  summary: 'List dead letters',
  query: filterQuery.extend({
    among: z
      .enum(['dead', 'discarded'])
      .default('dead')
      .describe('discarded dead letters can be restored for one day'),
    order: z.enum(['newest', 'oldest']).default('newest'),
    limit: wholeNumber(1, 500).default(50),
    cursor: z.string().max(200).optional().describe('`next` of the previous page'),
  }),
  response: deadLetterPage,
  handle: async ({ query: { among, order, limit, cursor, ...filter } }, { deadLetters }) => {
    const { letters, next } = await deadLetters.find(toFilter(filter), { among, order, limit, cursor });
    return { letters: letters.map(viewDeadLetter), ...(next === undefined ? {} : { next }) };
  },
});

export const listGroups = defineOperation({
  id: 'listDeadLetterGroups',
  method: 'get',
  path: '/dead-letters/groups',
  role: 'viewer',
  summary: 'List groups of dead letters with the same cause, largest first',
  response: z.object({ groups: z.array(groupSchema) }).meta({ id: 'DeadLetterGroupList' }),
  handle: async (_input, { deadLetters }) => ({ groups: (await deadLetters.groups()).map(viewGroup) }),
});

export const getSummary = defineOperation({
  id: 'getDeadLetterSummary',
  method: 'get',
  path: '/dead-letters/summary',
  role: 'viewer',
  summary: 'Get the number of dead letters and their retention',
  response: z
    .object({
      dead: count,
      groups: count,
      oldest: moment.optional().describe('time of the first failure'),
      sweep: z
        .object({
          at: moment,
          bytes: count.describe('approximate size of all dead letters in Redis'),
          expiring: count.describe('dead letters that expire within one day'),
        })
        .optional()
        .describe('last retention run; absent before the first'),
    })
    .meta({ id: 'DeadLetterSummary' }),
  handle: async (_input, { stats }) => {
    const state = await stats.readDeadLetters();
    if (!state) throw redisUnavailable();
    const { groups, sweep } = state;
    return {
      dead: groups.reduce((sum, { count: size }) => sum + size, 0),
      groups: groups.length,
      ...(groups.length > 0 ? { oldest: Math.min(...groups.map(({ first }) => first)) } : {}),
      ...(sweep ? { sweep: { at: sweep.at, bytes: sweep.bytes, expiring: sweep.expiring } } : {}),
    };
  },
});

export const dryRunResult = z
  .object({
    succeed: count,
    fail: count.describe('would fail again'),
    duties: count.describe('compliance requests and forwards among those that succeed; they create no event'),
    become: z.array(
      z.object({
        event: z.string(),
        count,
        leftOut: count.describe('sent without the full body because of their size'),
        example: z.object({ id: z.string(), payload: z.unknown().describe('personal data masked') }),
      }),
    ),
    die: z.array(
      z.object({
        reason: z.string(),
        connection: z.string(),
        topic: z.string(),
        message: z.string(),
        example: z.string().describe('id of a delivery'),
        count,
      }),
    ),
  })
  .meta({ id: 'DryRunResult', description: 'Events and failures that the current mappers produce.' });

export const dryRunDeadLetters = defineOperation({
  id: 'dryRunDeadLetters',
  method: 'post',
  path: '/dead-letters/dry-run',
  role: 'viewer',
  summary: 'Run the current mappers over dead letters without sending anything',
  description: 'Reads the newest dead letters of the filter.',
  body: z.strictObject({
    filter: filterSchema,
    limit: z.int().min(1).max(10_000).default(1_000).describe('maximum number of dead letters'),
  }),
  response: dryRunResult,
  handle: async ({ body: { filter, limit } }, { deadLetters, connections }) => {
    const run = new DryRun(connections());
    await executeDryRun(deadLetters, filter, limit, run, () => {});
    const { succeed, fail, duties, become, die } = run.result;
    return {
      ...{ succeed, fail, duties },
      become: become.map(({ event, count: size, leftOut, example: { id, event: preview } }) => ({
        ...{ event, count: size, leftOut },
        example: { id, payload: maskPersonalData(preview.payload) },
      })),
      die: die.map((group) => ({ ...group, message: maskText(group.message) })),
    };
  },
});
