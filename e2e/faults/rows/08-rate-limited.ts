import type { Row } from '../row.ts';
import { order } from '../webhooks.ts';

const EACH = 50;
const SECONDS = 5;

const limited = (retryAfterAs: 'seconds' | 'date'): Row => ({
  row: 8,
  fault: `API 429 with Retry-After as ${retryAfterAs === 'date' ? 'a date' : 'seconds'}`,
  passes: 'no call before Retry-After; other bots are unaffected',
  extra: 'none',
  options: {
    connections: [
      { id: 'limited', bot: 'limited-bot' },
      { id: 'free', bot: 'free-bot' },
    ],
  },
  async run(scene) {
    const { sandbox, worker } = scene.pipeline;
    const match = { botId: 'limited-bot' };
    await sandbox.addFault({
      kind: 'rate-limited',
      retryAfterSeconds: SECONDS,
      retryAfterAs,
      times: 1,
      match,
    });
    await scene.load({ count: 1, make: () => order('limited') }).done;
    await worker.lines.waitFor(({ msg }) => msg === 'delivery.attempted');
    scene.faultStarted();
    await scene.load({ count: 2 * EACH, make: (index) => order(index % 2 ? 'limited' : 'free') }).done;
    await scene.drained();
    const calls = await sandbox.calls();
    const refused = calls.find(({ status }) => status === 429)?.at ?? Number.NaN;
    // A date has whole seconds and is rounded up.
    const end = SECONDS * 1_000 + (retryAfterAs === 'date' ? Math.ceil(refused / 1_000) * 1_000 : refused);
    const ofBot = (id: string) => calls.filter(({ botId, status }) => botId === id && status !== 429);
    const first = Math.min(...ofBot('limited-bot').map(({ at }) => at));
    const last = Math.max(...ofBot('free-bot').map(({ at }) => at));
    scene.check('first call after Retry-After, ms', first >= end, first - end);
    scene.check('all calls of the other bot before it, ms', last < end, end - last);
    scene.recovery = (first - end) / 1_000;
  },
});

export const rateLimited: readonly Row[] = [limited('seconds'), limited('date')];
