import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { wholeNumber } from '../views/filter-query.ts';
import { replaySchema, viewReplay } from '../views/replay.ts';

export const listReplays = defineOperation({
  method: 'get',
  path: '/replays',
  role: 'viewer',
  summary: 'Lists replays, the newest first; a thousand are remembered',
  query: z.strictObject({ limit: wholeNumber(1, 1_000).default(50) }),
  answer: z.object({ replays: z.array(replaySchema) }),
  handle: async ({ query: { limit } }, { replays }) => ({
    replays: (await replays.list(limit)).map(viewReplay),
  }),
});
