import { mkdtemp, rm } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildApps, startSandbox } from '@sluice/testing';
import { composeOrders } from './delivering/orders.ts';
import { growingConnections } from './growth/connections.ts';
import { type Growing, measureCurves } from './growth/curves.ts';
import { growingDead } from './growth/dead.ts';
import { lanes } from './growth/lanes.ts';
import { curveTables } from './growth/report.ts';
import { waiting } from './growth/waiting.ts';
import { window } from './growth/window.ts';
import { keepSection } from './keep-section.ts';

/** Distinct orders; each comes again with another key. */
const ORDERS = 500;
const ROUNDS = '5';

const WAITING = `Orders of 8 kB that wait for workers, all within their limits (\`prioritized\`). 2,000 are enqueued behind them and the
oldest 2,000 delivered, in each round.`;

const LANES = `Orders of 8 kB that wait in the lanes of five connections that share a paced bot. In each round 1,500 come to the end
of the lanes (the bot has one event a minute), and those at the head are delivered (it has a million).`;

const DEAD = `Dead letters of 8 kB, of ten groups and five connections. In each round 2,000 orders are enqueued and delivered, and 2,000
die.`;

const WINDOW = `Keys by which resends of what was delivered are known for 48 hours. In each round 2,000 orders of 8 kB are enqueued and
delivered.

What 10 million cost more is, for the most part, not their number but the doubling of Redis' table, which begins at 8.4 million (2²³) and moves an
entry with each command, and for 10 ms of each second, until it is done. In a bare Redis of 8 million such keys 100,000
\`HINCRBY\` of one key in a script take 104 ms of CPU, in an empty one beside it 110; right after the doubling began, with 10
million, 250 and 151.`;

const CONNECTIONS = `Shops with a bot each; in each round 2,000 webhooks, each of another, while the queue is paused, and their deliveries.`;

interface Piece {
  readonly title: string;
  growing(): Growing;
  readonly text: string;
}

const PIECES: Readonly<Record<string, Piece>> = {
  waiting: { title: 'Waiting', growing: () => waiting, text: WAITING },
  lanes: { title: 'Waiting for a paced bot', growing: () => lanes, text: LANES },
  dead: { title: 'Dead', growing: growingDead, text: DEAD },
  window: { title: 'Known as delivered', growing: () => window, text: WINDOW },
  connections: { title: 'Connections', growing: growingConnections, text: CONNECTIONS },
};

/**
 * `npm run bench growth [waiting|lanes|dead|window|connections]… [--rounds 5] [--most n]`: what it costs to enqueue and to deliver
 * when a great many wait, are dead, are known as delivered, or connections are configured. All pieces without a name; with `--most`, a try-out that leaves
 * larger sizes out and keeps nothing.
 */
export async function benchGrowth(args: readonly string[]): Promise<void> {
  const { positionals: named, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { rounds: { type: 'string', default: ROUNDS }, most: { type: 'string' } },
  });
  const { rounds } = values;
  await buildApps();
  const dir = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const sandbox = await startSandbox();
  const stage = { sandbox, dir, orders: composeOrders(ORDERS) };
  try {
    for (const [name, piece] of Object.entries(PIECES)) {
      if (named.length > 0 && !named.includes(name)) continue;
      const whole = piece.growing();
      const points = whole.points.filter(({ size }) => size <= Number(values.most ?? size));
      const growing = { ...whole, points };
      const { curves, appendix } = await measureCurves(stage, growing, Number(rounds));
      const text = [piece.text, niceness(), curveTables(points, curves), appendix]
        .filter(Boolean)
        .join('\n\n');
      const command = `npm run bench growth ${name}${rounds === ROUNDS ? '' : ` -- --rounds ${rounds}`}`;
      if (values.most === undefined) await keepSection(FILE, { title: piece.title, command, text });
      else process.stdout.write(`${text}\n`);
    }
  } finally {
    await sandbox.stop();
    await rm(dir, { recursive: true });
  }
}

const HEAD = `# Growth

Written by \`npm run bench growth\`; how: \`bench/growth/\`. Each size has a separate Redis (appendfsync always), filled by
deliveries that came to where they are by the pipeline and by clones of those, of which the ledger's deep comparison
finds nothing amiss. The sizes take turns, so that other load on this machine affects all of them: medians
of the rounds (least to most), without a first one. The worker and ingest are those that were built, the producer is
ingest's in the bench's process, and the sandbox replaces Botpress. *Last to first* is the median of the ratios of
each round, **bold** where it is beyond 15 %. *In scripts* is by the clock: where others work on the machine, what Redis
is kept waiting for the processor is in it, as it is in *a second*; so judge by CPU, commands and bytes.`;

/** Where others work on the machine as well, it may be run before them. */
const niceness = () => (getPriority() === 0 ? '' : `Run at a niceness of ${getPriority()}.`);

const FILE = { name: 'growth.md', head: HEAD, order: Object.values(PIECES).map(({ title }) => title) };
