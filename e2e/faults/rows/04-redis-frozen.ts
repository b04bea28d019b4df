import { setTimeout as pause } from 'node:timers/promises';
import { memoryOf, percentile } from '../measure.ts';
import type { Row } from '../row.ts';

const FROZEN = 30_000;
const PER_SECOND = 60;
/** Milliseconds until ingest responds. */
const ANSWER_WITHIN = 1_000;
/**
 * MiB. Garbage collection causes a sawtooth of 40 to 105 MiB (measured with 30,000 rejected bodies of 8 kB in 30 s).
 * A leak shows as a trend beyond it.
 */
const SAWTOOTH = 150;
const TREND = 30;
/** Milliseconds between two samples. */
const LOOK = 200;

export const redisFrozen: Row = {
  row: 4,
  fault: `Redis frozen ${FROZEN / 1_000} s`,
  passes: '503 within 1 s; constant memory; extra = 0',
  extra: 'none',
  async run(scene) {
    const { redis, ingest } = scene.pipeline;
    const load = scene.load({ perSecond: PER_SECOND, concurrency: 2 * PER_SECOND });
    await load.accepted(3 * PER_SECOND);
    const before = memoryOf(ingest.pid)?.now ?? 0;
    scene.faultStarted();
    redis.signal('SIGSTOP');
    const memory: number[] = [];
    while (Date.now() < scene.faultStartedAt + FROZEN) {
      await pause(LOOK);
      memory.push(memoryOf(ingest.pid)?.now ?? Number.NaN);
    }
    redis.signal('SIGCONT');
    scene.faultEnded();
    await load.stop();
    await scene.drained();
    const meanwhile = scene.responses.filter(
      ({ sentAt, ms }) => sentAt >= scene.faultStartedAt && sentAt + ms <= scene.faultEndedAt,
    );
    const others = meanwhile.filter(({ status }) => status !== 503).length;
    scene.check('responses other than 503 while frozen', meanwhile.length > 0 && others === 0, others);
    scene.atMost('slowest 503, ms', Math.max(...meanwhile.map(({ ms }) => ms)), ANSWER_WITHIN);
    scene.atMost('memory growth of ingest, MiB', Math.max(...memory) - before, SAWTOOTH);
    const third = Math.floor(memory.length / 3);
    const trend = percentile(memory.slice(-third), 0.5) - percentile(memory.slice(third, 2 * third), 0.5);
    scene.atMost('growth in the last third, MiB', trend, TREND);
  },
};
