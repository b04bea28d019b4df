import { memoryOf } from '../faults/measure.ts';
import type { Scene } from '../faults/scene.ts';

/** Memory of all processes at one time. */
export interface MemorySample {
  /** Since the first sample. */
  readonly minutes: number;
  /** Deliveries accepted so far. */
  readonly accepted: number;
  readonly processes: readonly MemoryOfProcess[];
}

const EVERY = 60_000;

/** Samples the memory of all processes now, every minute, and when stopped. */
export function followMemory(scene: Scene): { stop(): Promise<MemorySample[]> } {
  const begun = performance.now();
  const samples: Promise<MemorySample>[] = [];
  const look = () => void samples.push(sample(scene, (performance.now() - begun) / 60_000));
  look();
  const timer = setInterval(look, EVERY);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return Promise.all(samples);
    },
  };
}

async function sample(scene: Scene, minutes: number): Promise<MemorySample> {
  const accepted = scene.ledger.accepted.size;
  const data = { name: 'data in Redis', mib: await memoryOfRedis(scene) };
  return { minutes, accepted, processes: [...readMemory(scene), data] };
}

/** Warm-up in minutes. */
const WARM_UP = 10;

/** Returns the samples after the warm-up. */
export const afterWarmUp = (samples: readonly MemorySample[]): readonly MemorySample[] =>
  samples.filter(({ minutes }) => minutes >= WARM_UP);

/** Returns the growth of a process in MiB an hour, by linear regression. `NaN` for fewer than two samples. */
export function slopeOf(samples: readonly MemorySample[], name: string): number {
  const points = samples.flatMap(({ minutes, processes }) => {
    const mib = processes.find((process) => process.name === name)?.mib;
    return mib === undefined ? [] : [{ x: minutes / 60, y: mib }];
  });
  const mean = (of: 'x' | 'y') => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean('x'), mean('y')];
  const both = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  return both / points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
}

/** Memory of a process in MiB; undefined without /proc. */
export interface MemoryOfProcess {
  readonly name: string;
  readonly mib: number | undefined;
}

/** Reads the memory of all running processes. A restarted process is a new one. */
function readMemory({ pipeline: { ingests, workers, redis, sandbox } }: Scene): MemoryOfProcess[] {
  const read = (name: string, pid: number | undefined) => ({
    name,
    mib: pid === undefined ? undefined : memoryOf(pid)?.now,
  });
  return [
    ...ingests.map(({ pid }, place) => read(`ingest ${place + 1}`, pid)),
    ...workers.map(({ pid }, place) => read(`worker ${place + 1}`, pid)),
    read('Redis', redis.pid),
    read('sandbox', sandbox.app.pid),
    read('the soak itself', process.pid),
  ];
}

/** Returns the memory allocated by Redis in MiB, without allocator overhead; undefined if it does not respond. */
async function memoryOfRedis(scene: Scene): Promise<number | undefined> {
  const info = await scene.withRedis((redis) => redis.info('memory')).catch(() => '');
  const bytes = /used_memory:(\d+)/.exec(info)?.[1];
  return bytes === undefined ? undefined : Number(bytes) / 2 ** 20;
}
