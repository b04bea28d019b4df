import { memoryOf } from '../faults/measure.ts';
import type { Scene } from '../faults/scene.ts';

/** What all held at one moment. */
export interface MemorySample {
  /** Since the first. */
  readonly minutes: number;
  /** Deliveries that were accepted until then. */
  readonly accepted: number;
  readonly processes: readonly MemoryOfProcess[];
}

const EVERY = 60_000;

/** Samples the memory of all processes now, each minute, and once more when it is stopped. */
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

/** Minutes in which processes warm up. */
const WARM_UP = 10;

/** The samples from the tenth minute on. */
export const afterWarmUp = (samples: readonly MemorySample[]): readonly MemorySample[] =>
  samples.filter(({ minutes }) => minutes >= WARM_UP);

/** MiB an hour of that process: the slope of the straight line that lies nearest to all samples. NaN of less than two. */
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

/** What a process holds, in MiB; undefined where nothing tells. */
export interface MemoryOfProcess {
  readonly name: string;
  readonly mib: number | undefined;
}

/** Of all processes that run now; one that was restarted is another than it was at the start. */
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

/** What Redis has allocated, in MiB: without what its allocator keeps back. Undefined where it does not answer. */
async function memoryOfRedis(scene: Scene): Promise<number | undefined> {
  const info = await scene.withRedis((redis) => redis.info('memory')).catch(() => '');
  const bytes = /used_memory:(\d+)/.exec(info)?.[1];
  return bytes === undefined ? undefined : Number(bytes) / 2 ** 20;
}
