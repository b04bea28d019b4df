import type { RunningCluster } from '@sluice/testing';
import { Redis } from 'ioredis';

/** What the nodes of a cluster have done since, by node. */
export interface NodesWork {
  /** Seconds of CPU. */
  readonly cpu: number;
  /** Commands, those within scripts among them. */
  readonly commands: number;
  /** Bytes that came in. */
  readonly bytes: number;
  /** Answers that a key is elsewhere, and that keys are of two slots. */
  readonly moved: number;
  readonly crossed: number;
}

/** Starts to measure. Returns what each node has done since. */
export async function startClusterClock({ nodes }: RunningCluster): Promise<() => Promise<NodesWork[]>> {
  const read = () => Promise.all(nodes.map(({ url }) => readNode(url)));
  const before = await read();
  return async () =>
    (await read()).map((now, index) => {
      const then = before[index] ?? now;
      return {
        cpu: now.cpu - then.cpu,
        commands: now.commands - then.commands,
        bytes: now.bytes - then.bytes,
        moved: now.moved - then.moved,
        crossed: now.crossed - then.crossed,
      };
    });
}

async function readNode(url: string): Promise<NodesWork> {
  const redis = new Redis(url);
  const info = await redis.info('everything');
  redis.disconnect();
  const of = (field: string) => Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
  const errors = (name: string) => Number(new RegExp(`errorstat_${name}:count=(\\d+)`).exec(info)?.[1] ?? 0);
  const calls = [...info.matchAll(/^cmdstat_[^:]+:calls=(\d+)/gm)].map(([, count]) => Number(count));
  return {
    cpu: of('used_cpu_user') + of('used_cpu_sys'),
    commands: calls.reduce((sum, count) => sum + count, 0),
    bytes: of('total_net_input_bytes'),
    moved: errors('MOVED'),
    crossed: errors('CROSSSLOT'),
  };
}
