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

/** Orders that one connection sends at once. */
const DUMP = 50_000;

/** Milliseconds to measure after the last order of the dump was accepted. */
const AFTER_DUMP = 90_000;

/** Botpress' limit per bot, also enforced by the sandbox. */
const EVENTS_PER_MINUTE = 600;

/** Concurrent requests of the dump. */
const CONCURRENCY = 32;

const BOTS = { dumping: 'bot-1', shared: 'bot-1', separate: 'bot-2' } as const;
type Merchant = keyof typeof BOTS;

const SECRET = 'secret';
const MINUTE = 60_000;

/** Latency from webhook to event, or the age of an event that was not created in time. In milliseconds. */
interface Latency {
  readonly time: number;
  readonly isCreated: boolean;
}

interface Latencies {
  readonly during: readonly Latency[];
  readonly after: readonly Latency[];
}

/**
 * Measures fairness end to end, in about 3 minutes: one connection sends 50,000 orders at once while two others send one
 * a second, one of them to the same bot. Prints the latencies of both and the rate at the limited bot.
 */
export async function benchFairness(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const path = join(folder, 'connections.yaml');
  await writeFile(path, `connections:\n${(Object.keys(BOTS) as Merchant[]).map(connection).join('')}`);
  const pipeline = await startPipeline({
    workers: 2,
    env: { SLUICE_CONNECTIONS: path },
    sandboxEnv: { SLUICE_SANDBOX_EVENTS_PER_MINUTE: String(EVENTS_PER_MINUTE) },
  });
  const ending = new AbortController();
  const shared = sendOnePerSecond(pipeline, 'shared', ending.signal);
  const separate = sendOnePerSecond(pipeline, 'separate', ending.signal);
  const start = Date.now();
  const { responses: answers } = await sendLikeAPlatform(orders('dumping', DUMP), {
    url: () => pipeline.webhookUrl('dumping'),
    concurrency: CONCURRENCY,
  });
  const dumpedAt = Date.now();
  await pause(AFTER_DUMP);
  ending.abort();
  const calls = await pipeline.sandbox.calls();
  const now = Date.now();
  const createdAt = new Map(
    calls.flatMap(({ deliveryId, at, status }) =>
      status === 201 && deliveryId ? [[deliveryId, at] as const] : [],
    ),
  );
  const split = (sent: ReadonlyMap<string, number>) => splitLatencies(sent, createdAt, dumpedAt, now);
  print({
    shared: split(await shared),
    separate: split(await separate),
    dumpSeconds: (dumpedAt - start) / 1_000,
    ...countCreated(calls.filter(({ botId, status }) => botId === BOTS.shared && status === 201)),
    rateLimited: calls.filter(({ status }) => status === 429).length,
    responses: [...answers].map(([status, count]) => `${count} × ${status || 'no response'}`).join(', '),
  });
  await pipeline.stop();
  await rm(folder, { recursive: true });
}

const connection = (id: Merchant) => `  - id: ${id}
    source: shopify
    secrets: [${SECRET}]
    settings: { shopName: ${id} }
    botpress: { botId: ${BOTS[id]}, integrationId: integration, token: token }
`;

function* orders(merchant: Merchant, count: number): Generator<PlatformRequest> {
  const samples = createSourceRegistry().get('shopify')?.samples;
  if (!samples) throw new Error('Shopify has no samples.');
  for (let number = 0; number < count; number++) {
    const occasion = { number, now: Date.now(), settings: { shopName: merchant } };
    yield samples.sign(samples.compose('orders/create', occasion), SECRET);
  }
}

/** Sends one order a second until the signal. Returns when each was first sent, by delivery id. */
async function sendOnePerSecond(
  pipeline: RunningPipeline,
  merchant: Merchant,
  ending: AbortSignal,
): Promise<Map<string, number>> {
  const sent = new Map<string, number>();
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
    onResponse: ({ request, deliveries, sentAt }) => {
      const at = firstSentAt.get(request) ?? sentAt;
      firstSentAt.set(request, at);
      for (const id of deliveries) sent.set(id, at);
    },
  });
  return sent;
}

function splitLatencies(
  sent: ReadonlyMap<string, number>,
  createdAt: ReadonlyMap<string, number>,
  dumpedAt: number,
  now: number,
): Latencies {
  const select = (isIn: (at: number) => boolean) =>
    [...sent]
      .filter(([, at]) => isIn(at))
      .map(([id, at]) => ({ time: (createdAt.get(id) ?? now) - at, isCreated: createdAt.has(id) }))
      .toSorted((a, b) => a.time - b.time);
  return { during: select((at) => at < dumpedAt), after: select((at) => at >= dumpedAt) };
}

/** @param calls ordered by time */
function countCreated(calls: readonly { readonly at: number }[]) {
  let mostInAMinute = 0;
  let first = 0;
  for (const [index, { at }] of calls.entries()) {
    while ((calls[first]?.at ?? at) <= at - MINUTE) first++;
    mostInAMinute = Math.max(mostInAMinute, index - first + 1);
  }
  return { created: calls.length, mostInAMinute };
}

function print(result: {
  readonly shared: Latencies;
  readonly separate: Latencies;
  readonly dumpSeconds: number;
  readonly created: number;
  readonly mostInAMinute: number;
  readonly rateLimited: number;
  readonly responses: string;
}): void {
  const { shared, separate, dumpSeconds, created, mostInAMinute, rateLimited, responses } = result;
  process.stdout.write(`One connection sends ${DUMP} orders in ${dumpSeconds.toFixed(0)} s (${responses}) to a bot
with a limit of ${EVENTS_PER_MINUTE} events a minute: ${created} created, at most ${mostInAMinute} in a minute, ${rateLimited} × 429.
Two other connections send one order a second. Latency from webhook to event in s, p50 / p99 / max:

| Connection | During the dump | After it |
|---|---|---|
| same bot | ${quantiles(shared.during)} | ${quantiles(shared.after)} |
| other bot | ${quantiles(separate.during)} | ${quantiles(separate.after)} |
`);
}

function quantiles(latencies: readonly Latency[]): string {
  return [0.5, 0.99, 1].map((part) => quantile(latencies, part)).join(' / ');
}

/** A quantile in seconds. `>` marks a lower bound: an event that was not created by the end is among those below it. */
function quantile(latencies: readonly Latency[], part: number): string {
  const index = Math.min(latencies.length - 1, Math.floor(latencies.length * part));
  const latency = latencies[index];
  if (!latency) return 'none';
  const isLowerBound = latencies.slice(0, index + 1).some(({ isCreated }) => !isCreated);
  const seconds = latency.time / 1_000;
  return `${isLowerBound ? '> ' : ''}${seconds.toFixed(seconds < 10 ? 2 : 0)}`;
}
