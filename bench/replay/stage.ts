import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  createLedgerReader,
  createReplays,
  type LedgerReader,
  openShards,
  type Replays,
} from '@sluice/queue';
import type { Producer } from '@sluice/queue/testing';
import {
  type RunningApp,
  type RunningRedis,
  type RunningSandbox,
  seedDeadLetters,
  startApp,
  startRedis,
  startSandbox,
} from '@sluice/testing';
import { Redis } from 'ioredis';
import { enqueue, openEagerProducer, PREFIX } from '../eager-producer.ts';
import { CONNECTION, EVENTS_PER_MINUTE, liveOrder } from './order.ts';

export const FAILED = `${PREFIX}:deliveries:failed`;
const HOUR = 3_600_000;

/** A Redis as durable as production's, the sandbox, and the workers that are started: separate processes. */
export interface Stage {
  readonly server: RunningRedis;
  readonly redis: Redis;
  readonly sandbox: RunningSandbox;
  readonly producer: Producer;
  readonly replays: Replays;
  readonly ledger: LedgerReader;
  startWorker(): Promise<RunningApp>;
  /** Lets Botpress reject one delivery and copies it to that many dead letters, itself included. */
  seed(count: number): Promise<void>;
  /** Resolves when nothing is pending. */
  drained(): Promise<void>;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const connections = join(folder, 'connections.json');
  await writeFile(connections, JSON.stringify({ connections: [connection] }));
  const [server, sandbox] = await Promise.all([startRedis({ own: true }), startSandbox()]);
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  const shards = openShards({ url: server.url, name: 'bench', prefix: PREFIX, onError: () => {} });
  const [replays, ledger] = [createReplays(shards), createLedgerReader(shards)];
  await shards.reached;
  const producer = await openEagerProducer(server.url);
  const workers: RunningApp[] = [];
  const drained = async () => {
    while ((await ledger.readLedger()).total.pending > 0) await pause(50);
  };
  return {
    ...{ server, redis, sandbox, producer, replays, ledger, drained },
    async startWorker() {
      const worker = await startApp('worker', {
        env: {
          REDIS_URL: server.url,
          SLUICE_CONNECTIONS: connections,
          BOTPRESS_API_URL: sandbox.url,
          SLUICE_WORKER_METRICS_PORT: '0',
        },
      });
      workers.push(worker);
      return worker;
    },
    async seed(count) {
      await sandbox.addFault({ kind: 'error', error: 'InvalidPayload' });
      await enqueue(producer, [liveOrder()]);
      while ((await redis.zcard(FAILED)) === 0) await pause(20);
      await sandbox.clearFaults();
      const [template = ''] = await redis.zrange(FAILED, '0', '0');
      await seedDeadLetters(redis, { prefix: PREFIX, template, count: count - 1, diedAt: Date.now() - HOUR });
    },
    async close() {
      // What they hold is of no interest any more.
      for (const worker of workers) worker.signal('SIGKILL');
      await Promise.all([shards.close(), producer.close(), sandbox.stop()]);
      redis.disconnect();
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

const connection = {
  id: CONNECTION,
  source: 'shopify',
  secrets: ['secret'],
  settings: { shopName: CONNECTION },
  botpress: { botId: 'bot-1', integrationId: 'bench', token: 'token' },
  limits: { eventsPerMinute: EVENTS_PER_MINUTE },
};
