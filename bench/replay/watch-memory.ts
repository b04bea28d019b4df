import type { RunningApp } from '@sluice/testing';
import type { Redis } from 'ioredis';
import { residentOf, usedBy } from '../memory-now.ts';

const EVERY = 500;
const MIB = 2 ** 20;

/** MiB. */
export interface Memory {
  readonly worker: number;
  /** What Redis' data takes (`used_memory`). */
  readonly redis: number;
}

export interface MemoryWatch {
  /** Ends it. Returns what was at the start, at most, and at the end. */
  stop(): Promise<Record<'start' | 'peak' | 'end', Memory>>;
}

/** Watches the memory of a worker and of Redis, twice a second. */
export async function watchMemory(worker: RunningApp, redis: Redis): Promise<MemoryWatch> {
  const read = async () => ({ worker: await residentOf(worker.pid), redis: (await usedBy(redis)) / MIB });
  const seen = [await read()];
  const timer = setInterval(() => void read().then((memory) => seen.push(memory)), EVERY);
  return {
    async stop() {
      clearInterval(timer);
      const end = await read();
      const [start = end] = seen;
      const most = (of: keyof Memory) => Math.max(...seen.map((memory) => memory[of]), end[of]);
      return { start, peak: { worker: most('worker'), redis: most('redis') }, end };
    },
  };
}
