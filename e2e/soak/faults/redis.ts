import { setTimeout as pause } from 'node:timers/promises';
import { setMaxMemory } from '../../faults/rows/05-redis-full.ts';
import type { Fault } from '../fault.ts';

/** Faults of Redis and of the connections to it. */
export const redisFaults: readonly Fault[] = [
  {
    name: 'Redis killed',
    weight: 3,
    duration: [0, 5_000],
    affects: ['redis'],
    async run({ pipeline: { redis } }, { ms }) {
      redis.signal('SIGKILL');
      await redis.exited;
      await pause(ms);
      await redis.restart();
    },
  },
  {
    name: 'Redis frozen',
    weight: 3,
    // Shorter and longer than the lock of 3 s.
    duration: [500, 8_000],
    affects: ['redis'],
    async run({ pipeline: { redis } }, { ms }) {
      redis.signal('SIGSTOP');
      await pause(ms);
      redis.signal('SIGCONT');
    },
  },
  {
    name: 'Redis full',
    weight: 2,
    duration: [1_000, 8_000],
    affects: ['redis'],
    async run(scene, { ms }) {
      // Below the used memory: Redis rejects all writes.
      await setMaxMemory(scene, '1mb');
      await pause(ms);
      await setMaxMemory(scene, '0');
    },
  },
  {
    name: 'connections to Redis reset',
    weight: 1,
    duration: [0, 2_000],
    affects: ['redis'],
    async run({ proxy }, { ms }) {
      proxy.reset();
      await pause(ms);
      proxy.reset();
    },
  },
  {
    name: 'connections to Redis half-open',
    weight: 1,
    duration: [1_000, 5_000],
    affects: ['redis'],
    async run({ proxy }, { ms }) {
      proxy.blackHole();
      await pause(ms);
      proxy.restore();
    },
  },
];
