import type { ReplayRecord } from '@sluice/queue';
import { type AnswerStream, defineEvents } from '../api/operation.ts';
import { noReplay, replayId, replaySchema, viewReplay } from '../views/replay.ts';

/** Milliseconds. Proxies end connections on which nothing comes for a minute or so. */
const HEARTBEAT = 15_000;

export const watchReplay = defineEvents({
  method: 'get',
  path: '/replays/:id/events',
  role: 'viewer',
  summary: 'Tells how a replay gets on, until it is done, paused or cancelled',
  params: replayId,
  events: { progress: replaySchema, end: replaySchema },
  problems: [404],
  handle: async ({ params: { id } }, { replays, replayWatch }) => {
    const now = await replays.get(id);
    if (!now) throw noReplay(id);
    let stream: AnswerStream | undefined;
    const ends: (() => void)[] = [];
    const end = () => {
      for (const one of ends.splice(0)) one();
      stream?.end();
    };
    const tell = (replay: ReplayRecord, isOver: boolean) => {
      const data = JSON.stringify(viewReplay(replay));
      const isHeard = stream?.write(`event: progress\ndata: ${data}\n\n`);
      if (isOver) stream?.write(`event: end\ndata: ${data}\n\n`);
      if (isOver || !isHeard) end();
    };
    // Before the answer begins, for it may be refused.
    if (now.state === 'running') ends.push(replayWatch.watch(now, tell));
    return (opened) => {
      stream = opened;
      const heart = setInterval(() => opened.write(': still here\n\n'), HEARTBEAT);
      ends.push(() => clearInterval(heart), replayWatch.onClose(end));
      opened.closed.addEventListener('abort', end);
      tell(now, now.state !== 'running');
    };
  },
});
