import { exportedDeadLetter } from '@sluice/queue';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { count } from '../views/death.ts';
import { note } from '../views/note.ts';

/** Bytes of a line: two bodies of 4 MiB, written as texts in JSON. */
const LIMIT = 20 * 1024 * 1024;

export const importDeadLetters = defineOperation({
  method: 'post',
  path: '/dead-letters/import',
  role: 'operator',
  summary: 'Takes in dead letters that were exported with exact bodies; may be cut off and run again',
  query: z.strictObject({ note: note.default('imported') }),
  lines: exportedDeadLetter,
  bodyLimit: LIMIT,
  answer: z.object({
    imported: count,
    there: count.describe('already'),
    duplicate: count.describe('there as another delivery'),
    refused: count,
    refusals: z.array(z.object({ line: z.int(), why: z.string() })).describe('the first of them'),
  }),
  handle: async ({ query, lines, who }, { deadLetters }) => {
    const summary = await deadLetters.import(lines, { who: who.name, reason: query.note });
    return { ...summary, refusals: [...summary.refusals] };
  },
});
