import { maskPersonalData, maskText } from '@sluice/events';
import { DryRun, deadLetterFilter, executeDryRun } from '@sluice/queue';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { count } from '../views/death.ts';

const becomeSchema = z.object({
  event: z.string(),
  count,
  example: z.object({ id: z.string(), payload: z.unknown().describe('personal data masked') }),
});

const dieSchema = z.object({
  reason: z.string(),
  connection: z.string(),
  topic: z.string(),
  message: z.string(),
  example: z.string(),
  count,
});

/** What they would become, and of what the others would die again. */
export const trialAnswer = z.object({
  succeed: count,
  fail: count.describe('would die again'),
  duties: count.describe('of those that succeed: become no event'),
  become: z.array(becomeSchema),
  die: z.array(dieSchema),
});

export const tryDeadLetters = defineOperation({
  method: 'post',
  path: '/dead-letters/try',
  role: 'viewer',
  summary: 'Runs today’s mappers over the newest dead letters that fit, and sends nothing',
  body: z.strictObject({
    filter: deadLetterFilter,
    limit: z.int().min(1).max(10_000).default(1_000),
  }),
  answer: trialAnswer,
  handle: async ({ body: { filter, limit } }, { deadLetters, connections }) => {
    const trial = new DryRun(connections());
    await executeDryRun(deadLetters, filter, limit, trial, () => {});
    const { succeed, fail, duties, become, die } = trial.result;
    return {
      ...{ succeed, fail, duties },
      become: become.map(({ event, count: size, example: { id, event: made } }) => ({
        ...{ event, count: size },
        example: { id, payload: maskPersonalData(made.payload) },
      })),
      die: die.map((one) => ({ ...one, message: maskText(one.message) })),
    };
  },
});
