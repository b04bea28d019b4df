import { benchBesideLive } from './replay/beside-live.ts';
import { benchFullSpeed } from './replay/full-speed.ts';
import { benchKilled } from './replay/killed.ts';
import { keep } from './replay/results.ts';
import { benchStillBroken } from './replay/still-broken.ts';

const COUNT = 100_000;

const PARTS: Readonly<Record<string, { title: string; run(count: number): Promise<string> }>> = {
  full: { title: 'At full speed', run: benchFullSpeed },
  live: { title: 'Beside live traffic', run: () => benchBesideLive() },
  kill: { title: 'Killed in the middle', run: benchKilled },
  broken: { title: 'Of what is still broken', run: () => benchStillBroken() },
};

/** `npm run bench replay [part…] [count]`: all parts unless some are named; of 100,000 dead letters unless told. */
export async function benchReplay(options: readonly string[]): Promise<void> {
  const count = Number(options.find((option) => /^\d+$/.test(option)) ?? COUNT);
  const named = options.filter((option) => option in PARTS);
  const titles = Object.values(PARTS).map(({ title }) => title);
  for (const [name, { title, run }] of Object.entries(PARTS)) {
    if (named.length > 0 && !named.includes(name)) continue;
    const command = `npm run bench replay ${name} ${count}`;
    await keep({ title, command, text: await run(count) }, titles);
  }
}
