import type { Connections } from '@sluice/config';
import { type DeadLetterGroup, deadLetterFilter } from '@sluice/queue';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { groupSchema, viewGroup } from '../views/dead-letter.ts';
import { count, moment } from '../views/death.ts';
import { perMinute } from './run-replay.ts';

/** What a replay would put back. */
export const replayPlan = z.object({
  count,
  groups: z.array(groupSchema).describe('with how many of each are meant'),
  oldest: moment.optional(),
  seconds: count.describe('estimated, by the rate and by the limits of the bots'),
});

export const planReplay = defineOperation({
  method: 'post',
  path: '/replays/plan',
  role: 'viewer',
  summary: 'Tells what a replay would put back, and how long that takes',
  body: z.strictObject({ filter: deadLetterFilter, perMinute: perMinute.exactOptional() }),
  answer: replayPlan,
  handle: async ({ body }, { replays, connections }) => {
    const { count: meant, groups, oldest } = await replays.plan(body.filter);
    const atRate = body.perMinute === undefined ? 0 : meant / body.perMinute;
    const minutes = Math.max(minutesOfBots(groups, connections()), atRate);
    return {
      count: meant,
      groups: groups.map(viewGroup),
      ...(oldest === undefined ? {} : { oldest }),
      seconds: Math.ceil(minutes * 60),
    };
  },
});

/** Botpress' own, where the connection is not known any more. */
const EVENTS_PER_MINUTE = 600;

/** Bots are sent to side by side, so the slowest one counts. */
function minutesOfBots(groups: readonly DeadLetterGroup[], connections: Connections): number {
  const byBot = new Map<string, number>();
  for (const { count: meant, example } of groups) {
    const connection = connections.get(example.death.origin?.connection ?? '');
    const bot = connection?.botpress.botId ?? '';
    const limit = connection?.limits.eventsPerMinute ?? EVENTS_PER_MINUTE;
    byBot.set(bot, (byBot.get(bot) ?? 0) + meant / limit);
  }
  return Math.max(0, ...byBot.values());
}
