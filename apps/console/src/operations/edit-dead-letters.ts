import { maskText, prepareEvent } from '@sluice/events';
import { deliveryId, jsonPatch } from '@sluice/queue';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { count } from '../views/death.ts';
import { issuesSchema, viewIssues } from '../views/issues.ts';
import { note } from '../views/note.ts';
import { selected, selecting } from '../views/selection.ts';

const shared = { note, dryRun: z.boolean().default(false).describe('tell only what would become of them') };

/** Bytes: a body of 4 MiB, written as a text in JSON. */
const LIMIT = 10 * 1024 * 1024;

/** Which were edited, and why others were not. */
export const editAnswer = z.object({
  edited: z.array(z.string()).describe('ids'),
  refused: count,
  refusals: z
    .array(z.object({ id: z.string(), why: z.string(), issues: issuesSchema.optional() }))
    .describe('the first of them'),
});

export const editDeadLetters = defineOperation({
  method: 'post',
  path: '/dead-letters/edit',
  role: 'operator',
  summary:
    'Edits bodies: a JSON Patch for a selection, or a whole body for one. What mappers would let die again is refused',
  body: z.union([
    selecting({ patch: jsonPatch, ...shared }),
    z.strictObject({ id: deliveryId, body: z.string().describe('the exact new text'), ...shared }),
  ]),
  bodyLimit: LIMIT,
  answer: editAnswer,
  handle: async ({ body, who }, { deadLetters, connections }) => {
    const isWhole = 'id' in body;
    const filter = isWhole ? { id: [body.id] } : selected(body);
    const current = connections();
    const { edited, refused, refusals } = await deadLetters.edit(filter, {
      ...{ who: who.name, reason: body.note, dryRun: body.dryRun },
      change: isWhole ? { body: body.body } : { patch: body.patch },
      prepare: (delivery) => prepareEvent(current.get(delivery.connection), delivery),
    });
    return {
      ...{ edited: [...edited], refused },
      refusals: refusals.map(({ id, why, issues }) => ({ id, why: maskText(why), ...viewIssues(issues) })),
    };
  },
});
