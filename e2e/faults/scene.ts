import { setTimeout as pause } from 'node:timers/promises';
import {
  compareLedgers,
  openSenderLedger,
  type PipelineApp,
  type PlatformResponse,
  type RunningApp,
  type RunningPipeline,
  type RunningSandbox,
  type StartAppOptions,
  type StartPipelineOptions,
  seededRandom,
  startPipeline,
  type TcpProxy,
} from '@sluice/testing';
import { Redis } from 'ioredis';
import { type ConnectionEntry, type ConnectionsFile, writeConnections } from './connections-file.ts';
import { Load, type LoadOptions } from './load.ts';
import { followMemory } from './measure.ts';
import { readDead, readQueueContents, waitUntilDrained } from './queue-contents.ts';
import type { Check, Measures, Row } from './row.ts';
import { order } from './webhooks.ts';
import type { Workspace } from './workspace.ts';

export interface SceneOptions extends StartPipelineOptions {
  /** Default: one connection, `shop`. */
  readonly connections?: readonly ConnectionEntry[];
  /** Path of a source module. */
  readonly module?: string;
}

/** The worker's timeouts in milliseconds, as short as a busy machine allows. */
export const TIMES = { apiTimeout: 1_000, stalledInterval: 1_000, settle: 3_000, probe: 2_000 };
/** Must exceed the longest call. */
export const LOCK = 2 * TIMES.apiTimeout + 1_000;

const ENV = {
  SLUICE_API_TIMEOUT_MS: String(TIMES.apiTimeout),
  SLUICE_STALLED_INTERVAL_MS: String(TIMES.stalledInterval),
  SLUICE_SETTLE_MS: String(TIMES.settle),
  SLUICE_HOLD_PROBE_MS: String(TIMES.probe),
  LOG_LEVEL: 'debug',
};

const WARM_UP = 20;

/** Milliseconds in which pending output of the apps is read from their pipes. */
const LINES_READ = 200;

/** Milliseconds after which pending deliveries count as stuck. */
const DRAIN = 90_000;

/** The pipeline of a row, the webhooks sent to it and the results. */
export class Scene {
  readonly seed: number;
  readonly random: () => number;
  readonly pipeline: RunningPipeline;
  readonly connections: ConnectionsFile;
  readonly workspace: Workspace;
  readonly ledger = openSenderLedger();
  /** Responses to all attempts, in the order in which they ended. */
  readonly responses: PlatformResponse[] = [];
  readonly checks: Check[] = [];
  /** Distinct webhooks. */
  sent = 0;
  /** The sandbox's ledger as read at the end. A mutant of the oracle replaces it. */
  commits: Pick<RunningSandbox, 'delivered' | 'ledger'>;
  /** Redis whose contents are read. A failover changes it. */
  redisUrl: string;
  /** Seconds, for rows that measure recovery themselves. */
  recovery: number | undefined;
  /** Milliseconds since the epoch. */
  #strickenAt: number | undefined;
  #healedAt: number | undefined;
  /** All workers ever started, for their log lines. */
  readonly #workers = new Set<RunningApp>();
  readonly #memory: ReturnType<typeof followMemory>;

  private constructor(seed: number, open: Opened) {
    this.seed = seed;
    this.random = seededRandom(seed);
    this.pipeline = open.pipeline;
    this.connections = open.connections;
    this.workspace = open.workspace;
    this.commits = open.pipeline.sandbox;
    this.redisUrl = open.pipeline.redis.url;
    for (const worker of open.pipeline.workers) this.#workers.add(worker);
    this.#memory = followMemory(() => this.pipeline.ingests.map(({ pid }) => pid));
    open.workspace.onClose(async () => this.#memory.stop());
  }

  static async open(
    { options = {} }: Pick<Row, 'options'>,
    seed: number,
    workspace: Workspace,
  ): Promise<Scene> {
    const given = typeof options === 'function' ? await options(workspace) : options;
    const connections = await writeConnections(
      workspace.folder,
      given.connections ?? [{ id: 'shop' }],
      given.module,
    );
    const pipeline = await startPipeline({
      ...given,
      env: { ...ENV, SLUICE_CONNECTIONS: connections.path, ...given.env },
    });
    workspace.onClose(() => killAll(pipeline));
    return new Scene(seed, { pipeline, connections, workspace });
  }

  get proxy(): TcpProxy {
    if (!this.pipeline.proxy) throw new Error('this row has no proxy');
    return this.pipeline.proxy;
  }

  /** Returns the URL of a connection, at each ingest in turn like a load balancer. */
  addressOf(connection: string): string {
    const { ingests } = this.pipeline;
    const ingest = ingests[this.responses.length % ingests.length];
    return `${ingest?.url}/webhooks/${connection}`;
  }

  load(options?: LoadOptions): Load {
    return new Load(this, options);
  }

  /** Delivers a few webhooks: a connection's first calls are sequential (slow start). */
  async warmUp(connection?: string): Promise<void> {
    await this.load({ count: WARM_UP, make: () => order(connection) }).done;
    await this.drained();
  }

  /** Kills and restarts an app. */
  async restart(name: PipelineApp, place?: number): Promise<void> {
    await this.pipeline.restart(name, place);
    for (const worker of this.pipeline.workers) this.#workers.add(worker);
  }

  /** Starts another app, or replaces one that has ended. */
  async start(name: PipelineApp, place?: number, options?: StartAppOptions): Promise<RunningApp> {
    const app = await this.pipeline.start(name, place, options);
    if (name === 'worker') this.#workers.add(app);
    return app;
  }

  /** Records the start of the fault. */
  faultStarted(): void {
    this.#strickenAt = Date.now();
  }

  /** Records the end of the fault. */
  faultEnded(): void {
    this.#healedAt = Date.now();
  }

  /** Start of the fault in milliseconds since the epoch. */
  get faultStartedAt(): number {
    return this.#strickenAt ?? 0;
  }

  get faultEndedAt(): number {
    return this.#healedAt ?? 0;
  }

  /** Returns the log lines of attempts, from all workers ever started. */
  attempts(fits: (line: Readonly<Record<string, unknown>>) => boolean = () => true) {
    const lines = [...this.#workers].flatMap((worker) => worker.lines.seen);
    return lines.filter((line) => line.msg === 'delivery.attempted' && fits(line));
  }

  /** Opens a separate Redis connection, because the fault may have broken others. */
  async withRedis<T>(use: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.redisUrl);
    redis.on('error', () => {});
    try {
      return await use(redis);
    } finally {
      redis.disconnect();
    }
  }

  /** Waits until nothing is pending. Records a failed check on timeout. */
  async drained(): Promise<void> {
    const drained = await this.withRedis((redis) => waitUntilDrained(redis, DRAIN));
    if (!drained) this.check(`drained within ${DRAIN / 1_000} s`, false, 'no');
    // The line of an attempt is logged before its delivery is finalized, and read a moment later.
    await pause(LINES_READ);
  }

  /** Waits until no call is open at the sandbox: one without a caller may still create its event. */
  async callsEnded(): Promise<void> {
    while ((await this.pipeline.sandbox.calls({ outcome: 'open' })).length > 0) await pause(100);
  }

  /** Returns the reasons of all dead letters. */
  async deadReasons(): Promise<string[]> {
    return [...(await this.withRedis(readDead)).values()];
  }

  check(what: string, ok: boolean, got: string | number): void {
    this.checks.push({ what, ok, got: String(got) });
  }

  /** Checks an upper bound. */
  atMost(what: string, got: number, limit: number): void {
    this.check(`${what} ≤ ${limit}`, got <= limit, Math.round(got * 10) / 10);
  }

  /** Reads both ledgers and the queue. */
  async measure(): Promise<Measures> {
    await this.callsEnded();
    const { contents, fsync } = await this.withRedis(async (redis) => ({
      contents: await readQueueContents(redis),
      fsync: ((await redis.config('GET', 'appendfsync')) as string[])[1] ?? 'unknown',
    }));
    const { lost, extra, created } = await compareLedgers(this.ledger, this.commits, contents);
    if (contents.pending.size > 0) this.check('pending = 0', false, contents.pending.size);
    const since = this.#strickenAt;
    const first503 =
      since && this.responses.find(({ status, sentAt, ms }) => status === 503 && sentAt + ms >= since);
    const memory = this.#memory.most();
    return {
      sent: this.sent,
      accepted: this.ledger.accepted.size,
      created,
      dead: contents.dead.size,
      lost: lost.length,
      extra,
      reconciled: this.attempts(({ outcome, reconciled }) => outcome === 'delivered' && reconciled === true)
        .length,
      first503: first503 && since ? Math.round(first503.sentAt + first503.ms - since) : undefined,
      recovery: this.recovery ?? this.#firstAccepted(),
      memory: memory && Math.round(memory),
      fsync,
    };
  }

  /** Returns the seconds from the end of the fault to the first 2xx. */
  #firstAccepted(): number | undefined {
    const since = this.#healedAt;
    if (since === undefined) return undefined;
    const first = this.responses.find(({ status, sentAt, ms }) => status === 200 && sentAt + ms >= since);
    return first && (first.sentAt + first.ms - since) / 1_000;
  }
}

interface Opened {
  readonly pipeline: RunningPipeline;
  readonly connections: ConnectionsFile;
  readonly workspace: Workspace;
}

/** Skips the drain, which takes seconds. */
async function killAll(pipeline: RunningPipeline): Promise<void> {
  for (const app of [...pipeline.ingests, ...pipeline.workers]) app.signal('SIGKILL');
  await pipeline.stop();
}
