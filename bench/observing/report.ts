import { median, spread } from '../numbers.ts';
import { table } from '../table.ts';

/** What one case came to in one round. */
export interface Cost {
  readonly perSecond: number;
  /** Microseconds of CPU of the app, for each. */
  readonly cpu: number;
}

/** Rates and CPU of each case, and what they are of the first, round by round. */
export function observingTable(
  { each, app }: { readonly each: 'request' | 'event'; readonly app: string },
  rounds: ReadonlyMap<string, readonly Cost[]>,
): string {
  const [off = []] = rounds.values();
  const rows = [...rounds].map(([title, costs]) => {
    const toOff = (of: keyof Cost) => costs.map((cost, round) => cost[of] / (off[round]?.[of] ?? Number.NaN));
    const more = costs.map(({ cpu }, round) => cpu - (off[round]?.cpu ?? Number.NaN));
    return [
      title,
      spread(costs.map(({ perSecond }) => perSecond)),
      spread(toOff('perSecond'), 2),
      spread(costs.map(({ cpu }) => cpu)),
      spread(toOff('cpu'), 2),
      median(more).toFixed(0),
    ];
  });
  const cpu = `CPU µs ${each === 'event' ? 'an' : 'a'} ${each}: ${app}`;
  return table(['', `${each}s/s`, 'to nothing', cpu, 'to nothing', 'more, µs'], rows);
}
