import { setTimeout as pause } from 'node:timers/promises';
import { memoryOf } from '../memory.ts';
import type { Row } from '../row.ts';

const FROZEN = 30_000;
const PER_SECOND = 60;
/** Milliseconds. */
const ANSWER_WITHIN = 1_000;
/** MiB: what the garbage collector may leave lying about. */
const FLAT = 100;

export const redisFrozen: Row = {
  row: 4,
  fault: `Redis frozen ${FROZEN / 1_000} s`,
  passes: '503 within 1 s; memory flat; extra = 0',
  extra: 'none',
  async run(scene) {
    const { redis, ingest } = scene.pipeline;
    const load = scene.load({ perSecond: PER_SECOND, concurrency: 2 * PER_SECOND });
    await load.accepted(3 * PER_SECOND);
    const before = memoryOf(ingest.pid)?.now ?? 0;
    scene.strike();
    redis.signal('SIGSTOP');
    let most = before;
    while (Date.now() < scene.strickenAt + FROZEN) {
      await pause(500);
      most = Math.max(most, memoryOf(ingest.pid)?.now ?? 0);
    }
    redis.signal('SIGCONT');
    scene.heal();
    await load.stop();
    await scene.drained();
    const meanwhile = scene.answers.filter(
      ({ sentAt, ms }) => sentAt >= scene.strickenAt && sentAt + ms <= scene.healedAt,
    );
    const others = meanwhile.filter(({ status }) => status !== 503).length;
    scene.check('answers but 503 while frozen', meanwhile.length > 0 && others === 0, others);
    scene.atMost('slowest 503, ms', Math.max(...meanwhile.map(({ ms }) => ms)), ANSWER_WITHIN);
    scene.atMost('ingest grew, MiB', most - before, FLAT);
  },
};
