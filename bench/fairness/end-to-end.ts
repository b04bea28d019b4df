import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createSourceRegistry } from '@sluice/events';
import {
  type PlatformRequest,
  type RunningPipeline,
  sendLikeAPlatform,
  startPipeline,
} from '@sluice/testing';
import { EVENTS_PER_MINUTE } from './dump.ts';
import { type Wait, waitsOf } from './waits.ts';

export interface EndToEndOptions {
  /** Orders that the one connection dumps. */
  readonly size: number;
  /** Milliseconds after the last of the dump was accepted. */
  readonly after: number;
}

export interface EndToEndResult {
  /** From webhook to creation; those sent while the dump came in, and those after it. */
  readonly shared: Waits;
  readonly separate: Waits;
  /** Seconds until all of the dump was accepted. */
  readonly dumpSeconds: number;
  /** Events of the shared bot, and the most in any minute. */
  readonly created: number;
  readonly mostInAMinute: number;
  /** Calls that were answered 429. */
  readonly refused: number;
  /** Answers of ingest by status. */
  readonly answers: ReadonlyMap<number, number>;
}

export interface Waits {
  readonly during: readonly Wait[];
  readonly later: readonly Wait[];
}

const BOTS = { dumping: 'bot-1', shared: 'bot-1', separate: 'bot-2' } as const;
type Merchant = keyof typeof BOTS;

const SECRET = 'secret';
const MINUTE = 60_000;
/** Requests of the dump under way at once. */
const CONCURRENCY = 32;

/** The same through the whole of Sluice: processes, HTTP, the sandbox with Botpress' own limit. */
export async function runEndToEnd({ size, after }: EndToEndOptions): Promise<EndToEndResult> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const path = join(folder, 'connections.yaml');
  await writeFile(path, `connections:\n${(Object.keys(BOTS) as Merchant[]).map(connection).join('')}`);
  const pipeline = await startPipeline({
    workers: 2,
    env: { SLUICE_CONNECTIONS: path },
    sandboxEnv: { SLUICE_SANDBOX_EVENTS_PER_MINUTE: String(EVENTS_PER_MINUTE) },
  });
  const ending = new AbortController();
  const shared = trickle(pipeline, 'shared', ending.signal);
  const separate = trickle(pipeline, 'separate', ending.signal);
  const start = Date.now();
  const { answers } = await sendLikeAPlatform(orders('dumping', size), {
    url: () => pipeline.webhookUrl('dumping'),
    concurrency: CONCURRENCY,
  });
  const dumped = Date.now();
  await pause(after);
  ending.abort();
  const calls = await pipeline.sandbox.calls();
  const now = Date.now();
  const sent = calls.flatMap(({ deliveryId, at, status }) =>
    status === 201 && deliveryId ? [{ id: deliveryId, at }] : [],
  );
  const result = {
    shared: split(await shared, dumped, (given) => waitsOf(given, sent, now)),
    separate: split(await separate, dumped, (given) => waitsOf(given, sent, now)),
    dumpSeconds: (dumped - start) / 1_000,
    ...countCreated(calls.filter(({ botId, status }) => botId === BOTS.shared && status === 201)),
    refused: calls.filter(({ status }) => status === 429).length,
    answers,
  };
  await pipeline.stop();
  await rm(folder, { recursive: true });
  return result;
}

const connection = (id: Merchant) => `  - id: ${id}
    source: shopify
    secrets: [${SECRET}]
    settings: { shopName: ${id} }
    botpress: { botId: ${BOTS[id]}, integrationId: integration, token: token }
`;

function* orders(merchant: Merchant, count: number): Generator<PlatformRequest> {
  const samples = createSourceRegistry().get('shopify')?.samples;
  if (!samples) throw new Error('shopify has no samples');
  for (let number = 0; number < count; number++) {
    const occasion = { number, now: Date.now(), settings: { shopName: merchant } };
    yield samples.sign(samples.compose('orders/create', occasion), SECRET);
  }
}

/** Sends one order a second until the signal. @returns when each was sent, by its delivery */
async function trickle(
  pipeline: RunningPipeline,
  merchant: Merchant,
  ending: AbortSignal,
): Promise<Map<string, number>> {
  const given = new Map<string, number>();
  async function* paced(): AsyncGenerator<PlatformRequest> {
    let next = Date.now();
    for (const order of orders(merchant, Number.POSITIVE_INFINITY)) {
      yield order;
      next += 1_000;
      await pause(next - Date.now());
      if (ending.aborted) return;
    }
  }
  const firstSentAt = new Map<PlatformRequest, number>();
  await sendLikeAPlatform(paced(), {
    url: () => pipeline.webhookUrl(merchant),
    concurrency: 2,
    onAnswer: ({ request, deliveries, sentAt }) => {
      const at = firstSentAt.get(request) ?? sentAt;
      firstSentAt.set(request, at);
      for (const id of deliveries) given.set(id, at);
    },
  });
  return given;
}

function split(
  given: ReadonlyMap<string, number>,
  at: number,
  wait: (part: ReadonlyMap<string, number>) => Wait[],
): Waits {
  const part = (isIn: (time: number) => boolean) =>
    wait(new Map([...given].filter(([, time]) => isIn(time))));
  return { during: part((time) => time < at), later: part((time) => time >= at) };
}

/** @param calls in order of time */
function countCreated(
  calls: readonly { readonly at: number }[],
): Pick<EndToEndResult, 'created' | 'mostInAMinute'> {
  let mostInAMinute = 0;
  let first = 0;
  for (const [index, { at }] of calls.entries()) {
    while ((calls[first]?.at ?? at) <= at - MINUTE) first++;
    mostInAMinute = Math.max(mostInAMinute, index - first + 1);
  }
  return { created: calls.length, mostInAMinute };
}
