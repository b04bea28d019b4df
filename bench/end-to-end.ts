import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildApps, startSandbox } from '@sluice/testing';
import { Load } from './answering/load.ts';
import { HEAD } from './end-to-end/head.ts';
import { MODES, type Mode, PEER_MODES } from './end-to-end/modes.ts';
import { costTable, fateTable, speedTable } from './end-to-end/report.ts';
import { ordersOf, runMode } from './end-to-end/run-mode.ts';
import { targetTable } from './end-to-end/targets.ts';
import { CONNECTIONS } from './end-to-end/trial.ts';
import { runUnderNode } from './end-to-end/under-node.ts';
import { keepSection } from './keep-section.ts';
import { SHOPS } from './shops.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const KILOBYTES = 8;

/**
 * `npm run bench end-to-end -- [--peers] [--mode <name>]… [--count …] [--rounds …] [--concurrency …]
 * [--node 24|<path>]`: from the webhook to the event, beside handlers that create the event within the request, or
 * beside peers, which are installed for it outside the tree. Modes: `end-to-end/modes.ts`.
 */
export async function benchEndToEnd(args: readonly string[]): Promise<void> {
  const { modes, node } = readOptions(args);
  if (node && (await runUnderNode(node))) return;
  await buildApps();
  const dir = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const sandbox = await startSandbox();
  const count = Math.max(...modes.map(ordersOf));
  const load = await Load.start({ kilobytes: KILOBYTES, count, shops: SHOPS });
  try {
    for (const mode of modes) {
      const place = { apiUrl: sandbox.url, root: ROOT, dir };
      const rounds = await runMode({ load, sandbox }, mode, place);
      const text = [
        sentenceOf(mode),
        ...[speedTable(rounds), fateTable(rounds), costTable(rounds), targetTable(mode, rounds)],
      ].join('\n\n');
      const title = `${mode.title}, Node ${process.versions.node.split('.')[0]}`;
      const command = ['npm run bench end-to-end --', ...args].join(' ');
      await keepSection({ name: 'end-to-end.md', head: HEAD }, { title, command, text });
    }
  } finally {
    load.stop();
    await sandbox.stop();
    await rm(dir, { recursive: true });
  }
}

function readOptions(args: readonly string[]): { modes: readonly Mode[]; node: string | undefined } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      mode: { type: 'string', multiple: true },
      peers: { type: 'boolean', default: false },
      count: { type: 'string' },
      rounds: { type: 'string' },
      concurrency: { type: 'string' },
      node: { type: 'string' },
    },
  });
  const { count, rounds, concurrency } = values;
  const all = { ...MODES, ...PEER_MODES };
  const modes = (values.mode ?? Object.keys(values.peers ? PEER_MODES : MODES)).map((name) => {
    const mode = all[name];
    if (!mode) throw new RangeError(`no mode "${name}"; there are: ${Object.keys(all).join(', ')}`);
    return {
      ...mode,
      ...(count ? { count: Number(count) } : {}),
      ...(rounds ? { rounds: Number(rounds) } : {}),
      ...(concurrency ? { concurrency: Number(concurrency) } : {}),
    };
  });
  return { modes, node: values.node };
}

function sentenceOf({ count, what, rounds, concurrency }: Mode): string {
  const amount = `${count} orders of ${KILOBYTES} kB, of ${SHOPS} shops with a bot each, ${what}, over ${CONNECTIONS} connections`;
  const times = rounds > 1 ? ` Medians of ${rounds} alternated rounds (least to most).` : '';
  return `${amount}; \`SLUICE_WORKER_CONCURRENCY=${concurrency}\`.${times}`;
}
