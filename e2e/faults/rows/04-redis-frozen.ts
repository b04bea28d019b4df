import { setTimeout as pause } from 'node:timers/promises';
import { memoryOf, percentile } from '../measure.ts';
import type { Row } from '../row.ts';

const FROZEN = 30_000;
const PER_SECOND = 60;
/** Milliseconds. */
const ANSWER_WITHIN = 1_000;
/**
 * MiB. Within seconds the garbage collector has its sawtooth, 40 to 105 above what it was (measured, with 30,000
 * bodies of 8 kB refused in 30 s); a leak shows as a trend beyond that.
 */
const SAWTOOTH = 150;
const TREND = 30;
/** Milliseconds between two looks. */
const LOOK = 200;

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
    scene.check('answers but 503 while frozen', meanwhile.length > 0 && others === 0, others);
    scene.atMost('slowest 503, ms', Math.max(...meanwhile.map(({ ms }) => ms)), ANSWER_WITHIN);
    scene.atMost('ingest grew, MiB', Math.max(...memory) - before, SAWTOOTH);
    const third = Math.floor(memory.length / 3);
    const trend = percentile(memory.slice(-third), 0.5) - percentile(memory.slice(third, 2 * third), 0.5);
    scene.atMost('in the last third, MiB', trend, TREND);
  },
};
