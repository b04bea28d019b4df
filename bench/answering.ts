import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Load, type Measured } from './answering/load.ts';
import { latencyTable, perSecond, targetTable, throughputTable } from './answering/report.ts';
import { SLUICE, startTargets, type Target } from './answering/targets.ts';
import { runUnderNode } from './end-to-end/under-node.ts';
import { keepSection } from './keep-section.ts';
import { median } from './numbers.ts';

const HEAD = `# Answering

Written by \`npm run bench answering\`: how: \`bench/answering/\`. Each server is a separate process, so is the load,
which made its signed requests before; each that stores has a separate Redis. Rounds of the targets alternate: read
the ratios and the CPU a request, for others work on this machine as well.`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SECONDS = 3;
const ROUNDS = 5;
const CONNECTIONS = 64;
/** Milliseconds before anything is counted; the first time, code is compiled as well. */
const WARM = 500;
const FIRST_WARM = 3_000;

interface Options {
  readonly seconds: number;
  readonly kilobytes: number;
  readonly rounds: number;
  /** Under which all servers run; this one by default. */
  readonly node: string | undefined;
  /** Of Sluice: this one by default. */
  readonly checkout: string;
  /** Other built checkouts of Sluice whose ingest is alternated with this one's. */
  readonly checkouts: readonly string[];
}

/**
 * `npm run bench answering -- [seconds] [--kb 1|8|64] [--rounds 5] [--node 24|<path>] [--checkout <of Sluice>] [--against <another>]…`: how many webhooks are
 * answered in a second by ingest with everything on and by what people would use instead, and how soon they
 * are answered when they come at half of ingest's own maximum.
 */
export async function benchAnswering(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options.node && (await runUnderNode(options.node))) return;
  const { checkout, checkouts } = options;
  execFileSync('npx', ['tsc', '-b', 'apps/ingest/tsconfig.build.json'], { cwd: checkout, stdio: 'inherit' });
  const copyLua = ['run', '--silent', '--if-present', 'build:lua', '-w', 'libs/queue'];
  execFileSync('npm', copyLua, { cwd: checkout, stdio: 'inherit' });
  const dir = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const load = await Load.start({ kilobytes: options.kilobytes });
  const targets = await startTargets(checkout, checkouts, dir);
  try {
    for (const target of targets) await run(load, target, { seconds: 0.1, warmMs: FIRST_WARM });
    const throughput = await alternate(targets, options.rounds, (target) =>
      run(load, target, { seconds: options.seconds, warmMs: WARM }),
    );
    const rate = median((throughput.get(SLUICE) ?? []).map(perSecond)) / 2;
    const latency = await alternate(targets, options.rounds, (target) =>
      run(load, target, { seconds: options.seconds, warmMs: WARM, rate }),
    );
    const text = [
      `${CONNECTIONS} connections, medians of ${options.rounds} alternated rounds of ${options.seconds} s (least to most):`,
      throughputTable(throughput),
      `At random times, ${rate.toFixed(0)} a second, regardless of the responses (open model), timed from when each was to be sent:`,
      latencyTable(latency),
      targetTable(throughput, latency),
      'Sluice is `apps/ingest/dist` with NODE_ENV=production, its log at level info in a file.',
    ].join('\n\n');
    const command = ['npm run bench answering --', ...args].join(' ');
    const title = `Shopify orders of ${options.kilobytes} kB, Node ${process.versions.node.split('.')[0]}`;
    await keepSection({ name: 'answering.md', head: HEAD }, { title, command, text });
  } finally {
    load.stop();
    for (const target of targets) await target.stop();
    await rm(dir, { recursive: true });
  }
}

function readOptions(args: readonly string[]): Options {
  const valuesOf = (name: string) => args.filter((_, index) => args[index - 1] === name);
  const numberOf = (name: string, otherwise: number) => Number(valuesOf(name)[0] ?? otherwise);
  return {
    seconds: Number(args[0] && /^\d+$/.test(args[0]) ? args[0] : SECONDS),
    kilobytes: numberOf('--kb', 8),
    rounds: numberOf('--rounds', ROUNDS),
    node: valuesOf('--node')[0],
    checkout: resolve(valuesOf('--checkout')[0] ?? ROOT),
    checkouts: valuesOf('--against').map((path) => resolve(path)),
  };
}

/** Measures each target once a round, another one first each time. */
async function alternate(
  targets: readonly Target[],
  rounds: number,
  measure: (target: Target) => Promise<Measured>,
): Promise<Map<string, Measured[]>> {
  const measured = new Map<string, Measured[]>(targets.map(({ title }) => [title, []]));
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < targets.length; place++) {
      const target = targets[(round + place) % targets.length];
      if (!target) continue;
      const result = await measure(target);
      measured.get(target.title)?.push(result);
      process.stderr.write(`round ${round + 1}, ${target.title}: ${perSecond(result).toFixed(0)} req/s\n`);
    }
  }
  return measured;
}

async function run(
  load: Load,
  target: Target,
  { seconds, warmMs, rate }: { seconds: number; warmMs: number; rate?: number },
): Promise<Measured> {
  await target.reset();
  const orders = {
    ...{ port: target.port, connections: CONNECTIONS, warmMs, ms: seconds * 1_000 },
    ...(rate === undefined ? {} : { rate }),
    repeats: target.redisPid === undefined,
  };
  const measured = await load.run(orders, [target.pid, ...(target.redisPid ? [target.redisPid] : [])]);
  const { 200: _, ...others } = measured.statuses;
  if (Object.keys(others).length > 0)
    throw new Error(`${target.title} answered ${JSON.stringify(measured.statuses)}`);
  return measured;
}
