import { deadLetterFilter } from '@sluice/queue';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { Problem } from '../problem.ts';
import { note } from '../views/note.ts';
import { noReplay, replaySchema, viewReplay } from '../views/replay.ts';

export const perMinute = z.int().min(1).max(10_000_000).describe('put back so many a minute at most');

/** All of them have to be asked for by name: a filter that was lost on the way must not mean everything. */
const chosen = deadLetterFilter.refine((filter) => Object.keys(filter).length > 0, {
  error: 'is empty; for all dead letters send "all": true instead',
});

const rate = { perMinute: perMinute.exactOptional(), note };

export const runReplay = defineOperation({
  method: 'post',
  path: '/replays',
  role: 'operator',
  summary: 'Puts dead letters back, behind what is live; the workers do it',
  body: z.union([
    z.strictObject({ filter: chosen, ...rate }),
    z.strictObject({ all: z.literal(true), ...rate }),
  ]),
  answer: replaySchema,
  location: ({ id }) => `/api/replays/${id}`,
  problems: [409],
  handle: async ({ body, who }, { replays }) => {
    const filter = 'filter' in body ? body.filter : {};
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
