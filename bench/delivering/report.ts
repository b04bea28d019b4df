import { median, spread } from '../numbers.ts';
import { table } from '../table.ts';
import { PURPOSES } from './purposes.ts';
import type { Measured } from './trial.ts';

export type Rounds = ReadonlyMap<string, readonly Measured[]>;

/** Events a second and CPU an event of each crew, and the ratio of the first crew to each, round by round. */
export function deliveringTable(rounds: Rounds): string {
  const [own = []] = rounds.values();
  const rows = [...rounds].map(([title, measured]) => {
    const of = (pick: (one: Measured) => number) => measured.map(pick);
    const ratios = measured.map(({ perSecond }, round) => (own[round]?.perSecond ?? Number.NaN) / perSecond);
    return [
      title,
      spread(of((one) => one.perSecond)),
      spread(of((one) => one.worker)),
      spread(of((one) => one.redis)),
      `${median(of((one) => one.api)).toFixed(0)}, ${(100 * median(of((one) => one.apiBusy))).toFixed(0)} %`,
      spread(ratios, 2),
      (median(own.map((one) => one.worker)) / median(of((one) => one.worker))).toFixed(2),
    ];
  });
  const titles = ['', 'events/s', 'CPU µs an event: worker', 'Redis', 'sandbox, of its core'];
  return table([...titles, "Sluice's events/s to it", "Sluice's worker CPU to it"], rows);
}

/** Smallest share of an event that is shown. */
const SHOWN = 0.1;

/** Redis commands an event, by name. */
export function commandTable(rounds: Rounds): string {
  const means = [...rounds.values()].map((measured) => {
    const [one] = measured;
    return one?.commands ?? new Map<string, number>();
  });
  const names = [...new Set(means.flatMap((commands) => [...commands.keys()]))];
  const most = (name: string) => Math.max(...means.map((commands) => commands.get(name) ?? 0));
  const rows = names
    .filter((name) => most(name) >= SHOWN)
    .sort((a, b) => most(b) - most(a))
    .map((name) => {
      const counts = means.map((commands) => (commands.get(name) ?? 0).toFixed(2));
      return [name, ...counts, PURPOSES[name] ?? ''];
    });
  return table(['command', ...rounds.keys(), 'for (BullMQ · Sluice besides)'], rows);
}
