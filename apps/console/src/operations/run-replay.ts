import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { Problem } from '../problem.ts';
import { note } from '../views/note.ts';
import { noReplay, replaySchema, viewReplay } from '../views/replay.ts';
import { selected, selecting } from '../views/selection.ts';

export const perMinute = z.int().min(1).max(10_000_000).describe('put back so many a minute at most');

export const runReplay = defineOperation({
  method: 'post',
  path: '/replays',
  role: 'operator',
  summary: 'Puts dead letters back, behind what is live; the workers do it',
  body: selecting({ perMinute: perMinute.exactOptional(), note }),
  answer: replaySchema,
  location: ({ id }) => `/api/replays/${id}`,
  problems: [409],
  handle: async ({ body, who }, { replays }) => {
    const filter = selected(body);
    const { count } = await replays.plan(filter);
    if (count === 0) throw new Problem('conflict', 'no dead letter fits: there is nothing to put back');
    const request = {
      filter,
      until: Date.now(),
      ...(body.perMinute === undefined ? {} : { perMinute: body.perMinute }),
    };
    const id = await replays.run(request, { who: who.name, reason: body.note });
    const replay = await replays.get(id);
    if (!replay) throw noReplay(id);
    return viewReplay(replay);
  },
});
