import { memoryOf } from '../faults/memory.ts';
import type { Scene } from '../faults/scene.ts';

/** What a process holds, in MiB; undefined where nothing tells. */
export interface MemoryOfProcess {
  readonly name: string;
  readonly mib: number | undefined;
}

/** Of all processes that run now; one that was restarted is another than it was at the start. */
export function readMemory({ pipeline: { ingests, workers, redis, sandbox } }: Scene): MemoryOfProcess[] {
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
export async function memoryOfRedis(scene: Scene): Promise<number | undefined> {
  const info = await scene.withRedis((redis) => redis.info('memory')).catch(() => '');
  const bytes = /used_memory:(\d+)/.exec(info)?.[1];
  return bytes === undefined ? undefined : Number(bytes) / 2 ** 20;
}
