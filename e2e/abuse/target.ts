import { type LogLine, type RunningApp, type RunningPipeline, startPipeline } from '@sluice/testing';
import { Redis } from 'ioredis';
import { startConsole } from '../start-console.ts';
import { CONSOLE_TOKENS, writeConnections } from './connections.ts';
import { signed } from './signed.ts';

/** Size of the inputs: `npm run abuse` uses larger ones than the tests. */
export interface Scale {
  readonly slowClients: number;
  readonly madeUpNames: number;
  /** Milliseconds until ingest ends a request without progress. */
  readonly headersTimeout: number;
  readonly requestTimeout: number;
}

/** A real pipeline with a connection of each source, and its Redis. */
export interface Target {
  readonly pipeline: RunningPipeline;
  /** A console with tokens on the same queue. */
  readonly console: RunningApp;
  readonly redis: Redis;
  readonly scale: Scale;
  stop(): Promise<void>;
}

export async function startTarget(scale: Scale): Promise<Target> {
  const file = await writeConnections();
  const pipeline = await startPipeline({
    env: {
      SLUICE_CONNECTIONS: file.path,
      SLUICE_HEADERS_TIMEOUT_MS: String(scale.headersTimeout),
      SLUICE_REQUEST_TIMEOUT_MS: String(scale.requestTimeout),
    },
  });
  const redis = new Redis(pipeline.redis.url);
  const operators = await startConsole({ ...pipeline.env, SLUICE_CONSOLE_TOKENS: CONSOLE_TOKENS });
  const target: Target = {
    pipeline,
    console: operators,
    redis,
    scale,
    stop: async () => {
      redis.disconnect();
      await operators.stop();
      await pipeline.stop();
      await file.remove();
    },
  };
  await warmUp(target);
  return target;
}

/** Delivers one valid webhook, so that ingest and worker have done their initial writes to Redis. */
async function warmUp(target: Target): Promise<void> {
  const { headers, body } = signed('shopify');
  const answer = await fetch(target.pipeline.webhookUrl('shopify'), { method: 'POST', headers, body });
  const { deliveries = [] } = (await answer.json()) as { deliveries?: string[] };
  await finalLogLine(target, deliveries[0] ?? '');
}

/** Runs a function while the worker is frozen, so that only ingest changes Redis. */
export async function withWorkerFrozen<T>({ pipeline }: Target, run: () => Promise<T>): Promise<T> {
  pipeline.worker.signal('SIGSTOP');
  try {
    return await run();
  } finally {
    pipeline.worker.signal('SIGCONT');
  }
}

/** Counts the writes that Redis has executed. Waits for commands that a frozen worker has already sent. */
export async function countChanges({ redis }: Target): Promise<number> {
  const read = async () =>
    Number(/rdb_changes_since_last_save:(\d+)/.exec(await redis.info('persistence'))?.[1]);
  for (let before = await read(); ; ) {
    const now = await read();
    if (now === before) return now;
    before = now;
  }
}

/** Waits for the worker's log line with the final outcome of a delivery. */
export function finalLogLine({ pipeline }: Target, delivery: string): Promise<LogLine> {
  return pipeline.worker.lines.waitFor(
    ({ msg, delivery: id, outcome }) =>
      msg === 'delivery.attempted' && id === delivery && (outcome === 'delivered' || outcome === 'dead'),
  );
}

/** Returns the event of a delivery from the Botpress API. */
export async function eventOf(
  target: Target,
  delivery: string,
): Promise<{ readonly text: string; readonly payload: Record<string, unknown> } | undefined> {
  await finalLogLine(target, delivery);
  const headers = { authorization: 'Bearer demo-token', 'x-bot-id': 'demo-bot' };
  const answer = await fetch(`${target.pipeline.sandbox.url}/v1/chat/events`, { headers });
  const { events } = (await answer.json()) as { events: { payload: Record<string, unknown> }[] };
  const event = events.find(({ payload }) => payload.deliveryId === delivery);
  return event && { text: JSON.stringify(event.payload), payload: event.payload };
}

/** Returns the memory of ingest in bytes, from its metrics. */
export async function ingestMemory({ pipeline }: Target): Promise<number> {
  const answer = await fetch(`${pipeline.ingest.ready.metricsUrl}/metrics`);
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(await answer.text())?.[1]);
}
