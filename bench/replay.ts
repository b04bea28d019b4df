import { keepSection } from './keep-section.ts';
import { benchBesideLive } from './replay/beside-live.ts';
import { benchFullSpeed } from './replay/full-speed.ts';
import { benchKilled } from './replay/killed.ts';
import { benchStillBroken } from './replay/still-broken.ts';

const COUNT = 100_000;

const PARTS: Readonly<Record<string, { title: string; run(count: number): Promise<string> }>> = {
  full: { title: 'At full speed', run: benchFullSpeed },
  live: { title: 'Beside live traffic', run: () => benchBesideLive() },
  kill: { title: 'Killed in the middle', run: benchKilled },
  broken: { title: 'Of what is still broken', run: () => benchStillBroken() },
};

const HEAD = `# Replays

Written by \`npm run bench replay\`: real processes, a separate Redis with appendfsync always, the sandbox without
limits, bodies of 1 kB. Each part says when and on what it was measured. How: \`bench/replay/\`.
`;

/** `npm run bench replay [part…] [count]`: all parts unless some are named; with 100,000 dead letters by default. */
export async function benchReplay(options: readonly string[]): Promise<void> {
  const count = Number(options.find((option) => /^\d+$/.test(option)) ?? COUNT);
  const named = options.filter((option) => option in PARTS);
  const results = { name: 'replay.md', head: HEAD, order: Object.values(PARTS).map(({ title }) => title) };
  for (const [name, { title, run }] of Object.entries(PARTS)) {
    if (named.length > 0 && !named.includes(name)) continue;
    const command = `npm run bench replay ${name} ${count}`;
    await keepSection(results, { title, command, text: await run(count) });
  }
}
