import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startIngest } from './answering/ingest.ts';
import { Load } from './answering/load.ts';
import { startCollector, TRACED, TRACED_ONE_IN_A_HUNDRED } from './collector.ts';
import { keepSection } from './keep-section.ts';
import { spread } from './numbers.ts';
import { openRedis } from './open-redis.ts';
import { connectionsOfShops } from './shops.ts';
import { table } from './table.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const RESULTS = {
  name: 'tracing.md',
  head: `# Tracing

Written by \`npm run bench tracing\`; how: \`bench/tracing.ts\`. What it costs ingest. Each ingest is \`apps/ingest/dist\`
with NODE_ENV=production and a separate Redis with appendfsync always; the collector takes what it is sent and does
nothing with it. Rounds alternate: read the ratios and the CPU a request, for others work on this machine as well.`,
};

/** What is compared, and the environment that makes it so. */
const CASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  off: {},
  'on, one in a hundred sampled': TRACED_ONE_IN_A_HUNDRED,
  'on, all sampled': TRACED,
};

/** `npm run bench tracing [rounds]` after `npm run build`: answering with tracing off and on. */
export async function benchTracing([rounds = '9']: readonly string[]): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-bench-tracing-'));
  const collector = await startCollector();
  const targets = await Promise.all(
    Object.entries(CASES).map(([title, env]) => startTarget(title, dir, { ...env, ...collector.env })),
  );
  const load = await Load.start({ kilobytes: 8 });
  const rates = targets.map((): number[] => []);
  const cpus = targets.map((): number[] => []);
  for (let round = 0; round < Number(rounds); round++) {
    // Each comes first, second and third in turn.
    for (let turn = 0; turn < targets.length; turn++) {
      const index = (turn + round) % targets.length;
      const target = targets[index] as (typeof targets)[number];
      await target.redis.empty();
      const orders = { port: target.port, connections: 64, warmMs: 500, ms: 2_000, repeats: false };
      const {
        answered,
        ms,
        cpus: [cpu = 0],
      } = await load.run(orders, [target.pid]);
      rates[index]?.push((1_000 * answered) / ms);
      cpus[index]?.push((1e6 * cpu) / answered);
    }
  }
  load.stop();
  await Promise.all(targets.map((target) => target.stop()));
  collector.stop();
  await rm(dir, { recursive: true });
  const off = rates[0] ?? [];
  const rows = targets.map(({ title }, index) => [
    title,
    spread(rates[index] ?? []),
    spread(
      (rates[index] ?? []).map((rate, round) => rate / (off[round] ?? Number.NaN)),
      2,
    ),
    spread(cpus[index] ?? []),
  ]);
  const head = ['', 'req/s', 'to off', 'CPU µs a request: ingest'];
  const title = 'Shopify orders of 8 kB, 64 connections';
  const text = `Medians of ${rounds} alternated rounds of 2 s (least to most):\n\n${table(head, rows)}`;
  await keepSection(RESULTS, { title, command: `npm run bench tracing ${rounds}`, text });
}

async function startTarget(title: string, dir: string, env: Readonly<Record<string, string>>) {
  const redis = await openRedis([]);
  const connections = connectionsOfShops(1);
  const ingest = await startIngest({ root: ROOT, dir, redisUrl: redis.url, connections, env });
  const stop = async () => {
    await ingest.stop();
    await redis.stop();
  };
  return { title, port: Number(ingest.url.port), pid: ingest.pid, redis, stop };
}
