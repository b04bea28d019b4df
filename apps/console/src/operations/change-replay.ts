import { defineOperation } from '../api/operation.ts';
import { Problem } from '../problem.ts';
import { noteBody } from '../views/note.ts';
import { noReplay, replayId, replaySchema, viewReplay } from '../views/replay.ts';

const SUMMARIES = {
  pause: 'Lets a replay put nothing more back; what it has put back goes on',
  resume: 'Lets a paused replay go on, judged by what comes after',
  cancel: 'Ends a replay; what it has put back goes on',
} as const;

const changeReplay = (action: keyof typeof SUMMARIES) =>
  defineOperation({
    method: 'post',
    path: `/replays/:id/${action}`,
    role: 'operator',
    summary: SUMMARIES[action],
    params: replayId,
    body: noteBody,
    answer: replaySchema,
    problems: [404, 409],
    handle: async ({ params: { id }, body: { note }, who }, { replays }) => {
      const changed = await replays[action](id, { who: who.name, reason: note });
      const replay = changed && (await replays.get(id));
      if (!replay) throw noReplay(id);
      if (!changed.changed) throw new Problem('conflict', `${id} is ${changed.was}, so it cannot ${action}`);
      return viewReplay(replay);
    },
  });

export const changeReplays = [changeReplay('pause'), changeReplay('resume'), changeReplay('cancel')];
