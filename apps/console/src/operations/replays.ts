import type { Connections } from '@sluice/config';
import { maskPersonalData } from '@sluice/events';
import { type DeadLetterGroup, outstandingOf, type ReplayRecord, SecondEventsError } from '@sluice/queue';
import { z } from 'zod';
import { defineEvents, defineOperation } from '../api/operation.ts';
import type { EventStream } from '../api/streams.ts';
import { Problem } from '../http/problem.ts';
import { count, moment, note, noteBody } from '../schemas/common.ts';
import { groupSchema, viewGroup } from '../schemas/dead-letter.ts';
import { filterSchema, selected, selecting, wholeNumber } from '../schemas/filter.ts';

export const replaySchema = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'paused', 'done', 'cancelled']),
    filter: z.record(z.string(), z.unknown()).describe('personal data masked'),
    perMinute: z.number().optional(),
    who: z.string(),
    note: z.string(),
    createdAt: moment,
    endedAt: moment.optional(),
    planned: count.describe('dead letters of the filter when the replay was created'),
    replayed: count.describe('requeued so far'),
    delivered: count,
    died: count.describe('failed again'),
    removed: count.describe('removed otherwise, for example erased'),
    outstanding: z.int().describe('requeued and without a result'),
    why: z.string().optional().describe('why the replay is paused'),
    pausedBy: z
      .enum(['operator', 'failures'])
      .optional()
      .describe('an operator, or too many repeated failures'),
  })
  .meta({ id: 'Replay' });

function viewReplay(replay: ReplayRecord): z.output<typeof replaySchema> {
  const { id, state, perMinute, who, note: text, createdAt, endedAt, why, pausedBy } = replay;
  const { planned, replayed, delivered, died, removed } = replay;
  return {
    ...{ id, state, who, note: text, createdAt, planned, replayed, delivered, died, removed },
    filter: Object(maskPersonalData(replay.filter)),
    outstanding: outstandingOf(replay),
    ...(perMinute === undefined ? {} : { perMinute }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(why === undefined ? {} : { why }),
    ...(pausedBy === undefined ? {} : { pausedBy }),
  };
}

function noReplay(id: string): Problem {
  return new Problem('not_found', `No replay ${id} found. GET /api/replays lists the stored replays.`);
}

const params = z.strictObject({
  id: z.string().regex(/^rpl_[\w-]{1,100}$/, 'Expected a replay id (rpl_…).'),
});

const perMinute = z.int().min(1).max(10_000_000).describe('maximum deliveries per minute');

export const replayPlan = z
  .object({
    count,
    groups: z.array(groupSchema).describe('with the number of dead letters that the filter selects'),
    oldest: moment.optional(),
    secondEvents: count.describe(
      'dead letters with an event that the bot failed or ignored; a replay creates a second one',
    ),
    seconds: count.describe('estimate from the rate and the limits of the bots'),
  })
  .meta({ id: 'ReplayPlan' });

export const planReplay = defineOperation({
  id: 'planReplay',
  method: 'post',
  path: '/replays/plan',
  role: 'viewer',
  summary: 'Plan a replay: dead letters and estimated duration',
  body: z.strictObject({ filter: filterSchema, perMinute: perMinute.exactOptional() }),
  response: replayPlan,
  handle: async ({ body }, { replays, connections }) => {
    const { count: planned, groups, oldest, secondEvents } = await replays.plan(body.filter);
    const byRate = body.perMinute === undefined ? 0 : planned / body.perMinute;
    const minutes = Math.max(minutesOfBots(groups, connections()), byRate);
    return {
      count: planned,
      groups: groups.map(viewGroup),
      ...(oldest === undefined ? {} : { oldest }),
      secondEvents,
      seconds: Math.ceil(minutes * 60),
    };
  },
});

/** The default limit of Botpress, for removed connections. */
const EVENTS_PER_MINUTE = 600;

/** Returns the minutes of the slowest bot, because bots are sent to in parallel. */
function minutesOfBots(groups: readonly DeadLetterGroup[], connections: Connections): number {
  const byBot = new Map<string, number>();
  for (const { count: planned, example } of groups) {
    const connection = connections.get(example.death.origin?.connection ?? '');
    const bot = connection?.botpress.botId ?? '';
    const limit = connection?.limits.eventsPerMinute ?? EVENTS_PER_MINUTE;
    byBot.set(bot, (byBot.get(bot) ?? 0) + planned / limit);
  }
  return Math.max(0, ...byBot.values());
}

function secondEventsUnconfirmed({ count: events }: SecondEventsError): Problem {
  const subject = events === 1 ? '1 dead letter has' : `${events} dead letters have`;
  return new Problem(
    'conflict',
    `${subject} an event that the bot failed or ignored, and the bot may have acted on it. Pass \`secondEvents: true\` to create a second one.`,
  );
}

export const createReplay = defineOperation({
  id: 'createReplay',
  method: 'post',
  path: '/replays',
  role: 'operator',
  summary: 'Replay dead letters at lower priority than live traffic',
  description:
    'The workers run the replay. It is refused with 409 if the bot failed or ignored events of the dead letters, unless `secondEvents` is true: the bot may have acted on the first events.',
  body: selecting({
    perMinute: perMinute.exactOptional(),
    secondEvents: z.boolean().default(false).describe('confirms that the replay creates second events'),
    note,
  }),
  response: replaySchema,
  location: ({ id }) => `/api/replays/${id}`,
  problems: [409],
  handle: async ({ body, user }, { replays }) => {
    const filter = selected(body);
    const { count: planned } = await replays.plan(filter);
    if (planned === 0) throw new Problem('conflict', 'No dead letters match. Change the filter.');
    const request = {
      filter,
      until: Date.now(),
      secondEvents: body.secondEvents,
      ...(body.perMinute === undefined ? {} : { perMinute: body.perMinute }),
    };
    const by = { who: user.name, reason: body.note };
    const id = await replays.run(request, by).catch((error: unknown) => {
      if (error instanceof SecondEventsError) throw secondEventsUnconfirmed(error);
      throw error;
    });
    const replay = await replays.get(id);
    if (!replay) throw noReplay(id);
    return viewReplay(replay);
  },
});

export const listReplays = defineOperation({
  id: 'listReplays',
  method: 'get',
  path: '/replays',
  role: 'viewer',
  summary: 'List replays, newest first',
  description: 'The newest 1,000 replays are stored.',
  query: z.strictObject({ limit: wholeNumber(1, 1_000).default(50) }),
  response: z.object({ replays: z.array(replaySchema) }).meta({ id: 'ReplayList' }),
  handle: async ({ query: { limit } }, { replays }) => ({
    replays: (await replays.list(limit)).map(viewReplay),
  }),
});

export const getReplay = defineOperation({
  id: 'getReplay',
  method: 'get',
  path: '/replays/:id',
  role: 'viewer',
  summary: 'Get a replay',
  params,
  response: replaySchema,
  problems: [404],
  handle: async ({ params: { id } }, { replays }) => {
    const replay = await replays.get(id);
    if (!replay) throw noReplay(id);
    return viewReplay(replay);
  },
});

const SUMMARIES = {
  pause: 'Pause a replay',
  resume: 'Resume a paused replay',
  cancel: 'Cancel a replay',
} as const;

const DESCRIPTIONS = {
  pause: 'Requeued deliveries are still processed.',
  resume: 'Earlier failures no longer count.',
  cancel: 'Requeued deliveries are still processed.',
} as const;

const changeReplay = (action: keyof typeof SUMMARIES) =>
  defineOperation({
    id: `${action}Replay`,
    method: 'post',
    path: `/replays/:id/${action}`,
    role: 'operator',
    summary: SUMMARIES[action],
    description: DESCRIPTIONS[action],
    params,
    body: noteBody,
    response: replaySchema,
    problems: [404, 409],
    handle: async ({ params: { id }, body, user }, { replays }) => {
      const result = await replays[action](id, { who: user.name, reason: body.note });
      const replay = result && (await replays.get(id));
      if (!replay) throw noReplay(id);
      if (!result.changed) throw new Problem('conflict', `Cannot ${action} ${id}: it is ${result.was}.`);
      return viewReplay(replay);
    },
  });

export const changeReplays = [changeReplay('pause'), changeReplay('resume'), changeReplay('cancel')];

/** Milliseconds between heartbeats. Reverse proxies close a connection without data after about one minute. */
const HEARTBEAT = 15_000;

export const watchReplay = defineEvents({
  id: 'watchReplay',
  method: 'get',
  path: '/replays/:id/events',
  role: 'viewer',
  summary: 'Watch the progress of a replay until it is done, paused or cancelled',
  params,
  events: { progress: replaySchema, end: replaySchema },
  problems: [404],
  handle: async ({ params: { id } }, { replays, replayWatch }) => {
    const current = await replays.get(id);
    if (!current) throw noReplay(id);
    let stream: EventStream | undefined;
    const cleanups: (() => void)[] = [];
    const end = () => {
      for (const cleanup of cleanups.splice(0)) cleanup();
      stream?.end();
    };
    const send = (replay: ReplayRecord, isOver: boolean) => {
      const data = JSON.stringify(viewReplay(replay));
      const isOpen = stream?.write(`event: progress\ndata: ${data}\n\n`);
      if (isOver) stream?.write(`event: end\ndata: ${data}\n\n`);
      if (isOver || !isOpen) end();
    };
    // Before the response begins, because the watch may be rejected.
    if (current.state === 'running') cleanups.push(replayWatch.watch(current, send));
    return (opened) => {
      stream = opened;
      const heart = setInterval(() => opened.write(': heartbeat\n\n'), HEARTBEAT);
      cleanups.push(() => clearInterval(heart), replayWatch.onClose(end));
      opened.closed.addEventListener('abort', end);
      send(current, current.state !== 'running');
    };
  },
});
