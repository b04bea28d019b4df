import { setTimeout as pause } from 'node:timers/promises';
import { EventSender } from '@sluice/botpress';
import { DelayedError, type Job, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { EventData } from './event.ts';
import { LOCK_DURATION, PREFIX, QUEUE, type Variant } from './variant.ts';
import { VARIANTS, type VariantName } from './variants.ts';

/** What a worker process is told at its start, as JSON in its first argument. */
export interface WorkerOrders {
  readonly variant: VariantName;
  readonly redisUrl: string;
  readonly concurrency: number;
  readonly call: CallOrders;
}

/** What sending is: a time to wait, which costs next to nothing, or createEvent at an API. */
export type CallOrders = { readonly milliseconds: number } | { readonly apiUrl: string };

/** One event that was sent. */
export interface Sent {
  readonly id: string;
  readonly connection: string;
  /** When its sending began, in milliseconds since the epoch. */
  readonly at: number;
  /** How often it was taken, this one among them. */
  readonly passes: number;
}

/** What a worker process tells, a few times a second; the first one when it is ready. */
export interface WorkerReport {
  readonly sent: readonly Sent[];
  /** Since its start. */
  readonly takes: number;
  /** Seconds of CPU since its start. */
  readonly cpu: number;
}

const REPORT_EVERY = 200;
const CALL_TIMEOUT = 20_000;

const [orders = '{}'] = process.argv.slice(2);
const { variant, redisUrl, concurrency, call } = JSON.parse(orders) as WorkerOrders;
const { openPacer, limiter }: Variant = VARIANTS[variant];
const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });

const sender = new EventSender({ timeout: CALL_TIMEOUT, now: Date.now });

let sent: Sent[] = [];
let takes = 0;

async function take(job: Job<EventData>, lock = ''): Promise<void> {
  takes++;
  if (pacer && !(await pacer.admit(job, lock))) throw new DelayedError();
  const { id = '', attemptsStarted } = job;
  sent.push({ id, connection: job.data.connection, at: Date.now(), passes: attemptsStarted });
  await send(job);
}

async function send({ id, data: { bot, body } }: Job<EventData>): Promise<void> {
  if ('milliseconds' in call) return pause(call.milliseconds);
  const target = { apiUrl: call.apiUrl, botId: bot, token: 'token' };
  const event = { type: 'measured', payload: { deliveryId: id, body } };
  const { kind } = await sender.sendEvent(target, event);
  if (kind !== 'created') throw new Error(`createEvent: ${kind}`);
}

const worker = new Worker<EventData>(QUEUE, take, {
  ...{ connection: redis, prefix: PREFIX, concurrency, lockDuration: LOCK_DURATION, autorun: false },
  ...{ removeOnComplete: { count: 1_000 }, ...(limiter ? { limiter } : {}) },
});
worker.on('error', (error) => process.stderr.write(`${error.stack}\n`));

function report(): void {
  const { user, system } = process.cpuUsage();
  process.send?.({ sent, takes, cpu: (user + system) / 1e6 } satisfies WorkerReport);
  sent = [];
}

process.on('message', (message) => {
  if (message === 'run') void worker.run();
});
process.on('disconnect', () => process.exit());
await worker.waitUntilReady();
const pacer = openPacer?.({ redis, redisUrl, worker });
report();
setInterval(report, REPORT_EVERY);
