import { defineOperation } from '../api/operation.ts';
import { noReplay, replayId, replaySchema, viewReplay } from '../views/replay.ts';

export const showReplay = defineOperation({
  method: 'get',
  path: '/replays/:id',
  role: 'viewer',
  summary: 'Tells how a replay stands',
  params: replayId,
  answer: replaySchema,
  problems: [404],
  handle: async ({ params: { id } }, { replays }) => {
    const replay = await replays.get(id);
    if (!replay) throw noReplay(id);
    return viewReplay(replay);
  },
});
