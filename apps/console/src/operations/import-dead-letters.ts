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
    const cut: unknown[] = [];
    const whole = untilCut(lines, (error) => cut.push(error));
    const summary = await deadLetters.import(whole, { who: who.name, reason: query.note });
    if (cut.length > 0) throw cut[0];
    return { ...summary, refusals: [...summary.refusals] };
  },
});

/** Lines as far as they can be read: what came before is in, and has to get its audit line. */
async function* untilCut(
  lines: AsyncIterable<string>,
  onCut: (error: unknown) => void,
): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch (error) {
    onCut(error);
  }
}
