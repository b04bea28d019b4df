import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildApps, startSandbox } from '@sluice/testing';
import { Load } from './answering/load.ts';
import { type Measured, runTrial, type Stage } from './end-to-end/trial.ts';
import { keepSection } from './keep-section.ts';
import { median, spread } from './numbers.ts';
import { type NodesWork, startClusterClock } from './shards/cluster-clock.ts';
import { type OnCluster, startOnCluster } from './shards/sluice-on-cluster.ts';
import { table } from './table.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const KILOBYTES = 8;
/** Each with a separate bot: enough that each shard has about as many. */
const SHOPS = 32;
const SHARDS = [1, 2, 4];
/** Before what counts: code is compiled, connections are opened. */
const WARM = 1_000;

interface Round extends Measured {
  readonly nodes: readonly NodesWork[];
}

/** `npm run bench shards -- [--count …] [--rounds …]`: the same work over 1, 2 and 4 shards of a Redis Cluster. */
export async function benchShards(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { count: { type: 'string', default: '5000' }, rounds: { type: 'string', default: '3' } },
  });
  const [count, rounds] = [Number(values.count), Number(values.rounds)];
  await buildApps();
  const dir = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const sandbox = await startSandbox();
  const load = await Load.start({ kilobytes: KILOBYTES, count: WARM + count * rounds, shops: SHOPS });
  const running: OnCluster[] = [];
  try {
    const place = { shops: SHOPS, apiUrl: sandbox.url, root: ROOT, dir };
    for (const shards of SHARDS) running.push(await startOnCluster({ shards, ...place }));
    const measured = await takeTurns({ load, sandbox }, running, { count, rounds });
    const amount = `${count} orders of ${KILOBYTES} kB, of ${SHOPS} shops with a bot each, as fast as they are answered; one ingest, one worker, three nodes with appendfsync always.`;
    const text = `${amount} Medians of ${rounds} alternated rounds (least to most).\n\n${speeds(measured)}\n\n${costs(measured)}`;
    const command = ['npm run bench shards', ...(args.length ? ['--', ...args] : [])].join(' ');
    await keepSection(
      { name: 'shards.md', head: HEAD },
      { title: 'One worker, 1, 2 and 4 shards', command, text },
    );
  } finally {
    for (const one of running) await one.stop();
    load.stop();
    await sandbox.stop();
    await rm(dir, { recursive: true });
  }
}

async function takeTurns(
  stage: Stage,
  running: readonly OnCluster[],
  { count, rounds }: { readonly count: number; readonly rounds: number },
): Promise<Round[][]> {
  const measured: Round[][] = running.map(() => []);
  for (const one of running) await runTrial(stage, one, { from: 0, count: WARM });
  for (let round = 0; round < rounds; round++) {
    for (const [index, one] of running.entries()) {
      const stop = await startClusterClock(one.cluster);
      const trial = await runTrial(stage, one, { from: WARM + round * count, count });
      measured[index]?.push({ ...trial, nodes: await stop() });
    }
  }
  return measured;
}

type Pick = (round: Round) => number;

const sumOf = ({ nodes }: Round, pick: (work: NodesWork) => number) =>
  nodes.reduce((sum, node) => sum + pick(node), 0);

function speeds(measured: readonly Round[][]): string {
  const first = measured[0] ?? [];
  const rows = measured.map((rounds, index) => [
    String(SHARDS[index]),
    spread(rounds.map(({ perSecond }) => perSecond)),
    spread(
      rounds.map(({ perSecond }, round) => perSecond / (first[round]?.perSecond ?? Number.NaN)),
      2,
    ),
    String(rounds.reduce((sum, { lost }) => sum + lost, 0)),
    String(rounds.reduce((sum, { doubled }) => sum + doubled, 0)),
  ]);
  return table(['shards', 'events/s', 'to one shard', 'lost', 'doubled'], rows);
}

/** Of all nodes together an event; and how the busiest one’s part of the work compares to an even one. */
function costs(measured: readonly Round[][]): string {
  const created: Pick = ({ accepted }) => accepted;
  const an =
    (pick: (work: NodesWork) => number): Pick =>
    (round) =>
      sumOf(round, pick) / created(round);
  const busiest: Pick = (round) =>
    Math.max(...round.nodes.map(({ cpu }) => cpu)) / sumOf(round, ({ cpu }) => cpu);
  const rows = measured.map((rounds, index) => [
    String(SHARDS[index]),
    spread(rounds.map(an(({ cpu }) => 1e6 * cpu))),
    median(rounds.map(an(({ commands }) => commands))).toFixed(1),
    median(rounds.map(an(({ bytes }) => bytes))).toFixed(0),
    `${(100 * median(rounds.map(busiest))).toFixed(0)} %`,
    ...(['worker', 'ingest'] as const).map((part) =>
      spread(rounds.map(({ cpu }) => cpu[part] ?? Number.NaN)),
    ),
    String(rounds.reduce((sum, round) => sum + sumOf(round, ({ moved }) => moved), 0)),
    String(rounds.reduce((sum, round) => sum + sumOf(round, ({ crossed }) => crossed), 0)),
  ]);
  const head = [
    'shards',
    'Redis CPU µs an event, all nodes',
    'commands',
    'bytes in',
    'of it the busiest node',
  ];
  return table([...head, 'worker CPU µs', 'ingest', 'MOVED', 'CROSSSLOT'], rows);
}

const HEAD = `# Shards

Written by \`npm run bench shards\`. On two cores, which ingest, worker, Redis, sandbox and load share, more shards cannot
be faster: what has to be seen is that Redis' work an event stays what it is, that the nodes share it, and that no
command is for two slots.`;
