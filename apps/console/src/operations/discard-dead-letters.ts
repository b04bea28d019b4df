import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { count } from '../views/death.ts';
import { note } from '../views/note.ts';
import { selected, selecting } from '../views/selection.ts';

const shared = { method: 'post', role: 'operator', body: selecting({ note }) } as const;

export const discardDeadLetters = defineOperation({
  ...shared,
  path: '/dead-letters/discard',
  summary: 'Discards dead letters; for a day that can be undone',
  answer: z.object({ discarded: count }),
  handle: async ({ body, who }, { deadLetters }) => ({
    discarded: await deadLetters.discard(selected(body), { who: who.name, reason: body.note }),
  }),
});

export const restoreDeadLetters = defineOperation({
  ...shared,
  path: '/dead-letters/restore',
  summary: 'Undoes discards: what fits is dead again, as it was',
  answer: z.object({ restored: count }),
  handle: async ({ body, who }, { deadLetters }) => ({
    restored: await deadLetters.restore(selected(body), { who: who.name, reason: body.note }),
  }),
});
