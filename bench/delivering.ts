import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildApps, startRedis, startSandbox } from '@sluice/testing';
import { Redis } from 'ioredis';
import { bare, type Crew, sluice } from './delivering/crews.ts';
import { composeOrders } from './delivering/orders.ts';
import { commandTable, deliveringTable } from './delivering/report.ts';
import { type Measured, runTrial } from './delivering/trial.ts';
import { keepSection } from './keep-section.ts';

interface Options {
  readonly latency: number;
  readonly concurrency: number;
  readonly processes: number;
  readonly events: number;
  readonly rounds: number;
  /** Other built checkouts of Sluice whose worker is alternated with this one's. */
  readonly checkouts: readonly string[];
}

/**
 * `npm run bench delivering -- [--latency 0] [--concurrency 50] [--processes 1] [--events 6000] [--rounds 5]
 * [--against <checkout>]…`: how fast a worker with everything on makes events of orders that wait, and what
 * that costs, beside bare workers of BullMQ. Latency: milliseconds until the API answers.
 */
export async function benchDelivering(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  await buildApps();
  const crews = [
    sluice('Sluice, everything on'),
    ...options.checkouts.map((root) => sluice(`Sluice of ${root}`, { root })),
    bare('bare BullMQ, the client as it comes', 'client'),
    bare('bare BullMQ, undici', 'undici'),
  ];
  const rounds = await alternate(crews, options);
  const { latency, concurrency, processes, events } = options;
  const text = [
    `${events} orders of 8 kB that wait, of 10 shops with a bot each. Medians of ${options.rounds} alternated rounds (least to most), each without its first third:`,
    deliveringTable(rounds),
    'Redis commands an event, those within scripts among them:',
    commandTable(rounds),
  ].join('\n\n');
  const title = `API ${latency} ms, concurrency ${concurrency}, ${processes} ${processes === 1 ? 'process' : 'processes'}`;
  const command = ['npm run bench delivering --', ...args].join(' ');
  await keepSection({ name: 'delivering.md', head: HEAD }, { title, command, text });
}

async function alternate(crews: readonly Crew[], options: Options): Promise<Map<string, Measured[]>> {
  const { latency, concurrency, processes } = options;
  const dir = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const [server, sandbox] = await Promise.all([startRedis({ own: true }), startSandbox()]);
  const redis = new Redis(server.url);
  const stage = { redis, redisPid: server.pid ?? 0, sandbox };
  const place = { redisUrl: server.url, apiUrl: sandbox.url, concurrency, processes, dir };
  const orders = composeOrders(options.events);
  const rounds = new Map<string, Measured[]>(crews.map(({ title }) => [title, []]));
  try {
    if (latency > 0) await sandbox.addFault({ kind: 'latency', ms: latency });
    for (let round = 0; round < options.rounds; round++) {
      for (const crew of round % 2 ? crews.toReversed() : crews) {
        const measured = await runTrial(stage, crew, place, orders);
        rounds.get(crew.title)?.push(measured);
        const { perSecond, worker } = measured;
        const result = `${perSecond.toFixed(0)} events/s, ${worker.toFixed(0)} µs of worker CPU`;
        process.stderr.write(`round ${round + 1}, ${crew.title}: ${result}\n`);
      }
    }
  } finally {
    redis.disconnect();
    await sandbox.stop();
    await server.stop();
    await rm(dir, { recursive: true });
  }
  return rounds;
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      latency: { type: 'string', default: '0' },
      concurrency: { type: 'string', default: '50' },
      processes: { type: 'string', default: '1' },
      events: { type: 'string', default: '6000' },
      rounds: { type: 'string', default: '5' },
      against: { type: 'string', multiple: true, default: [] },
    },
  });
  return {
    latency: Number(values.latency),
    concurrency: Number(values.concurrency),
    processes: Number(values.processes),
    events: Number(values.events),
    rounds: Number(values.rounds),
    checkouts: values.against.map((path) => resolve(path)),
  };
}

const HEAD = `# Delivering

Written by \`npm run bench delivering\`; how: \`bench/delivering/\`. Worker, Redis (appendfsync always) and the sandbox that
replaces Botpress are separate processes. Rounds of the crews alternate: read the ratios and the CPU an event,
for others work on this machine as well.

Aimed at: 1.5 × the events/s of the client as it comes, 0.9 × those of undici. Where the CPU limits (API 0 ms) neither
is reached: Sluice does what the bare workers leave out. It acquires a permit in a separate round trip, checks order and
event against their schemas, counts in the ledger, and logs and measures each attempt. Where the API's latency limits
(concurrency / latency events a second, for all of them), the first cannot be reached, and the second about is.`;
