import { maskText, prepareEvent } from '@sluice/events';
import { deliveryId, jsonPatch } from '@sluice/queue';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { count, issuesSchema, note, viewIssues } from '../schemas/common.ts';
import { selected, selecting } from '../schemas/filter.ts';

const edit = { note, dryRun: z.boolean().default(false).describe('return the result without changes') };

/** Bytes: a body of 8 MiB, encoded as a JSON string. */
const EDIT_LIMIT = 20 * 1024 * 1024;

export const editResult = z
  .object({
    edited: z.array(z.string()).describe('ids'),
    refused: count,
    refusals: z
      .array(z.object({ id: z.string(), why: z.string(), issues: issuesSchema.optional() }))
      .describe('the first refusals'),
  })
  .meta({ id: 'EditResult' });

export const editDeadLetters = defineOperation({
  id: 'editDeadLetters',
  method: 'post',
  path: '/dead-letters/edit',
  role: 'operator',
  summary: 'Edit the bodies of dead letters',
  description:
    'Applies a JSON Patch to a selection, or replaces the body of one dead letter. An edit that the current mappers reject is refused.',
  body: z.union([
    selecting({
      patch: jsonPatch.meta({ id: 'JsonPatch', description: 'Operations of RFC 6902.' }),
      ...edit,
    }),
    z.strictObject({ id: deliveryId, body: z.string().describe('the new body'), ...edit }),
  ]),
  bodyLimit: EDIT_LIMIT,
  response: editResult,
  handle: async ({ body, user }, { deadLetters, connections }) => {
    const isReplacement = 'id' in body;
    const filter = isReplacement ? { id: [body.id] } : selected(body);
    const current = connections();
    const { edited, refused, refusals } = await deadLetters.edit(filter, {
      ...{ who: user.name, reason: body.note, dryRun: body.dryRun },
      change: isReplacement ? { body: body.body } : { patch: body.patch },
      prepare: (delivery) => prepareEvent(current.get(delivery.connection), delivery),
    });
    return {
      ...{ edited: [...edited], refused },
      refusals: refusals.map(({ id, why, issues }) => ({ id, why: maskText(why), ...viewIssues(issues) })),
    };
  },
});

const shared = { method: 'post', role: 'operator', body: selecting({ note }) } as const;

export const discardDeadLetters = defineOperation({
  ...shared,
  id: 'discardDeadLetters',
  path: '/dead-letters/discard',
  summary: 'Discard dead letters',
  description: 'A discard can be undone for one day.',
  response: z.object({ discarded: count }).meta({ id: 'DiscardResult' }),
  handle: async ({ body, user }, { deadLetters }) => ({
    discarded: await deadLetters.discard(selected(body), { who: user.name, reason: body.note }),
  }),
});

export const restoreDeadLetters = defineOperation({
  ...shared,
  id: 'restoreDeadLetters',
  path: '/dead-letters/restore',
  summary: 'Restore discarded dead letters',
  response: z.object({ restored: count }).meta({ id: 'RestoreResult' }),
  handle: async ({ body, user }, { deadLetters }) => ({
    restored: await deadLetters.restore(selected(body), { who: user.name, reason: body.note }),
  }),
});
