import { memoryOf } from '../faults/memory.ts';
import type { Scene } from '../faults/scene.ts';

/** What a process holds, in MiB; undefined where nothing tells. */
export interface MemoryOfProcess {
  readonly name: string;
  readonly mib: number | undefined;
}

/** Of all processes that run now; one that was restarted is another than it was at the start. */
export function readMemory({ pipeline: { ingests, workers, redis, sandbox } }: Scene): MemoryOfProcess[] {
  const read = (name: string, pid: number | undefined) => {
    const now = pid === undefined ? undefined : memoryOf(pid)?.now;
    return { name, mib: now && Math.round(now) };
  };
  return [
    ...ingests.map(({ pid }, place) => read(`ingest ${place + 1}`, pid)),
    ...workers.map(({ pid }, place) => read(`worker ${place + 1}`, pid)),
    read('Redis', redis.pid),
    read('sandbox', sandbox.app.pid),
    read('the soak itself', process.pid),
  ];
}
