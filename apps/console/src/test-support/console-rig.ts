import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConsoleSettings } from '@sluice/config';
import type { Delivery } from '@sluice/events';
import { createLogger, type Logger } from '@sluice/observability';
import type { DeliveryOutcome } from '@sluice/queue';
import { type Consumer, createDeliveryBackend, enqueueGroup, startShardWorker } from '@sluice/queue/testing';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { RateLimits } from '../guards/rate-limits.ts';
import { type RunningConsole, startConsole } from '../start-console.ts';

export const PREFIX = '{console}';
export const TOKENS = { viewer: 'viewer-token-of-the-tests-1', operator: 'operator-token-of-the-tests-1' };

const CONNECTIONS = `connections:
  - id: acme
    source: shopify
    secrets: [webhook-secret-of-acme]
    settings: { shopName: acme }
    botpress: { botId: bot-a, token: botpress-token-of-acme }
    limits: { eventsPerMinute: 120 }
  - id: other
    source: linear
    secrets: [webhook-secret-of-other]
    botpress: { botId: bot-b, token: botpress-token-of-other }
`;

/** A Redis started by tests. */
interface Server {
  readonly url: string;
  readonly exited: Promise<unknown>;
  signal(name: NodeJS.Signals): void;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Functions of @sluice/testing, which only tests may import. */
interface Tools {
  startRedis(options: { readonly own: true }): Promise<Server>;
  makeDelivery(changes: Partial<Delivery>): Delivery;
}

interface RigOptions {
  /** A running Redis, which stays running. */
  readonly server?: Server;
  readonly env?: Readonly<Record<string, string>>;
  readonly rateLimits?: Partial<RateLimits>;
  /** Folder of the built page; none by default. */
  readonly page?: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface Parts {
  readonly server: Server;
  /** Whether the rig started the Redis and stops it. */
  readonly isOwn: boolean;
  readonly tools: Tools;
  readonly folder: string;
  readonly running: RunningConsole;
  readonly logger: Logger;
}

interface RequestOptions {
  readonly as?: keyof typeof TOKENS | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RigResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed JSON, or undefined. */
  readonly body: unknown;
}

/** A console in this process with its own Redis, and a queue whose deliveries get any outcome. */
export class ConsoleRig {
  readonly redis: Redis;
  readonly console: RunningConsole;
  /** A silent logger. */
  readonly logger: Logger;
  readonly server: Server;
  readonly #parts: Parts;
  readonly #queue: Queue;
  readonly #consumers: Consumer[] = [];

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.server = parts.server;
    this.console = parts.running;
    this.logger = parts.logger;
    this.redis = new Redis(this.server.url, { maxRetriesPerRequest: null });
    this.redis.on('error', () => {});
    this.#queue = new Queue('deliveries', { connection: this.redis, prefix: PREFIX }, createDeliveryBackend);
    this.#queue.on('error', () => {});
  }

  static async open(tools: Tools, options: RigOptions = {}): Promise<ConsoleRig> {
    const server = options.server ?? (await tools.startRedis({ own: true }));
    const folder = await mkdtemp(join(tmpdir(), 'sluice-console-'));
    const path = join(folder, 'connections.yaml');
    await writeFile(path, CONNECTIONS);
    const settings = readConsoleSettings({
      REDIS_URL: server.url,
      SLUICE_QUEUE_PREFIX: PREFIX,
      SLUICE_CONNECTIONS: path,
      SLUICE_CONSOLE_PORT: '0',
      SLUICE_CONSOLE_TOKENS: `vera:viewer:${TOKENS.viewer},olga:operator:${TOKENS.operator}`,
      ...options.env,
    });
    const logger = createLogger('console', { level: 'silent', pretty: 'false' });
    const rateLimits = { requests: 100_000, failedSignIns: 100_000, ...options.rateLimits };
    const page = options.page ?? join(folder, 'no-page');
    const running = await startConsole(settings, {
      ...{ logger, rateLimits, page },
      ...(options.now ? { now: options.now } : {}),
    });
    return new ConsoleRig({ server, isOwn: !options.server, tools, folder, running, logger });
  }

  /** Sends a request as operator by default, and without a token with `as: undefined`. */
  get(path: string, options: RequestOptions = {}): Promise<RigResponse> {
    return this.send(path, { method: 'GET' }, options);
  }

  post(path: string, body: unknown, options: RequestOptions = {}): Promise<RigResponse> {
    const headers = { 'content-type': 'application/json', ...options.headers };
    return this.send(path, { method: 'POST', body: JSON.stringify(body) }, { ...options, headers });
  }

  async send(path: string, init: RequestInit, options: RequestOptions = {}): Promise<RigResponse> {
    const as = 'as' in options ? options.as : 'operator';
    const authorization = as ? { authorization: `Bearer ${TOKENS[as]}` } : {};
    const headers = { ...authorization, ...options.headers };
    const response = await fetch(`${this.console.url}${path}`, { ...init, headers });
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  }

  async enqueue(connection: string, count: number, changes: Partial<Delivery> = {}): Promise<string[]> {
    const requests = Array.from({ length: count }, () => ({
      delivery: this.#parts.tools.makeDelivery({ connection, ...changes }),
      deduplicationWindow: 60_000,
    }));
    return (await enqueueGroup(this.#queue, requests)).map(({ id }) => id);
  }

  /** Makes deliveries fail with an outcome, and resolves when they are dead letters. */
  async kill(
    connection: string,
    count: number,
    outcome: Partial<Extract<DeliveryOutcome, { kind: 'dead' }>> = {},
    changes: Partial<Delivery> = {},
  ): Promise<string[]> {
    const ids = await this.enqueue(connection, count, changes);
    const detail = { message: 'no such event', status: 400, type: 'InvalidPayload' };
    const dead: DeliveryOutcome = { kind: 'dead', reason: 'rejected', detail, ...outcome };
    let died = 0;
    const all = new Promise<void>((resolve) => {
      const stop = this.work((id) => {
        if (ids.includes(id)) died++;
        if (died === count) setImmediate(() => void stop().then(resolve));
        return dead;
      });
    });
    await all;
    return ids;
  }

  /** Starts a worker with a fixed outcome, which also runs replays. Returns a function that stops it. */
  work(outcomeOf: (id: string) => DeliveryOutcome = () => DELIVERED): () => Promise<void> {
    const consumer = startShardWorker({
      redisUrl: this.server.url,
      prefix: PREFIX,
      concurrency: 20,
      lockDuration: 5_000,
      stalledInterval: 5_000,
      keepDelivered: 10,
      onError: () => {},
      process: async ({ reading }) => outcomeOf(reading.ok ? reading.delivery.id : ''),
    });
    this.#consumers.push(consumer);
    return () => consumer.close();
  }

  /** Stops the workers and empties Redis. */
  async clear(): Promise<void> {
    await Promise.all(this.#consumers.splice(0).map((consumer) => consumer.close()));
    await this.redis.flushall();
  }

  async close(): Promise<void> {
    await Promise.all(this.#consumers.splice(0).map((consumer) => consumer.close()));
    await this.console.close();
    await this.#queue.close();
    this.redis.disconnect();
    if (this.#parts.isOwn) await this.server.stop();
    await rm(this.#parts.folder, { recursive: true, force: true });
  }
}

const DELIVERED: DeliveryOutcome = { kind: 'delivered', eventId: 'evt_1', reconciled: false };
