import { median, spread } from '../numbers.ts';
import type { Curves, Point } from './curves.ts';
import type { Cost } from './meter.ts';

/** What the largest may cost of the smallest, and how fast it may be. */
const FLAT = 1.15;

const COLUMNS: readonly { readonly title: string; readonly of: keyof Cost; readonly digits: number }[] = [
  { title: 'Redis, CPU µs', of: 'redis', digits: 0 },
  { title: 'in scripts, µs', of: 'scripts', digits: 1 },
  { title: 'process, CPU µs', of: 'process', digits: 0 },
  { title: 'commands', of: 'commands', digits: 1 },
  { title: 'bytes', of: 'bytes', digits: 0 },
  { title: 'a second', of: 'perSecond', digits: 0 },
];

/** A table for each thing that was measured, with the ratio of the last point to the first, round by round. */
export function curveTables(points: readonly Point[], curves: Curves): string {
  return [...curves]
    .map(([name, curve]) => `${name}, a delivery:\n\n${curveTable(points, curve)}`)
    .join('\n\n');
}

function curveTable(points: readonly Point[], curve: readonly (readonly Cost[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = points.map(({ title }, index) =>
    line([
      title,
      ...COLUMNS.map(({ of, digits }) =>
        spread(
          (curve[index] ?? []).map((cost) => cost[of]),
          digits,
        ),
      ),
    ]),
  );
  return [
    line(['', ...COLUMNS.map(({ title }) => title)]),
    line(['---', ...COLUMNS.map(() => '---')]),
    ...rows,
    line(['last to first', ...COLUMNS.map(({ of }) => verdict(ratioOf(curve, of), of))]),
  ].join('\n');
}

/** Median of the rounds. */
function ratioOf(curve: readonly (readonly Cost[])[], of: keyof Cost): number {
  const [first = [], last = []] = [curve[0], curve.at(-1)];
  return median(last.map((cost, round) => cost[of] / (first[round]?.[of] ?? Number.NaN)));
}

function verdict(ratio: number, of: keyof Cost): string {
  const isFlat = of === 'perSecond' ? ratio >= 1 / FLAT : ratio <= FLAT;
  return isFlat ? ratio.toFixed(2) : `**${ratio.toFixed(2)}**`;
}
