import { exportedDeadLetter } from '@sluice/queue';
import { z } from 'zod';
import { defineLines, defineOperation } from '../api/operation.ts';
import { hasRole, roleMissing } from '../http/request-details.ts';
import { count, note } from '../schemas/common.ts';
import { filterQuery, toFilter } from '../schemas/filter.ts';

const lineSchema = exportedDeadLetter.meta({ id: 'ExportedDeadLetter' });

export const exportDeadLetters = defineLines({
  id: 'exportDeadLetters',
  method: 'get',
  path: '/dead-letters/export',
  role: 'viewer',
  summary: 'Export dead letters as NDJSON, oldest first',
  description: 'Exact bodies require the role operator and are recorded in the audit log.',
  query: filterQuery.extend({
    bodies: z.enum(['none', 'masked', 'exact']).default('none').describe('an import requires `exact`'),
    note: z.string().max(500).default('').describe('note for the audit log'),
  }),
  response: lineSchema,
  handle: ({ query: { bodies, note: text, ...filter }, user }, { deadLetters }) => {
    if (bodies === 'exact' && !hasRole(user, 'operator')) throw roleMissing('operator', user);
    return deadLetters.export(toFilter(filter), { by: { who: user.name, reason: text }, bodies });
  },
});

/** Bytes of a line: two bodies of 8 MiB, encoded as JSON strings. */
const IMPORT_LIMIT = 40 * 1024 * 1024;

export const importDeadLetters = defineOperation({
  id: 'importDeadLetters',
  method: 'post',
  path: '/dead-letters/import',
  role: 'operator',
  summary: 'Import dead letters exported with exact bodies',
  description: 'An interrupted import can be repeated: dead letters that exist are left unchanged.',
  query: z.strictObject({ note: note.default('imported') }),
  lines: lineSchema,
  bodyLimit: IMPORT_LIMIT,
  response: z
    .object({
      imported: count,
      there: count.describe('existed before'),
      duplicate: count.describe('exist as another delivery'),
      refused: count,
      refusals: z.array(z.object({ line: z.int(), why: z.string() })).describe('the first refusals'),
    })
    .meta({ id: 'ImportResult' }),
  handle: async ({ query, lines, user }, { deadLetters }) => {
    const errors: unknown[] = [];
    const complete = untilError(lines, (error) => errors.push(error));
    const summary = await deadLetters.import(complete, { who: user.name, reason: query.note });
    if (errors.length > 0) throw errors[0];
    return { ...summary, refusals: [...summary.refusals] };
  },
});

/** Yields the lines before an error, because they are imported and need their audit entry. */
async function* untilError(
  lines: AsyncIterable<string>,
  onError: (error: unknown) => void,
): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch (error) {
    onError(error);
  }
}
