import type { DrainOptions, DrainResult } from './drain.ts';
import { type DumpOptions, type DumpResult, EVENTS_PER_MINUTE } from './dump.ts';
import type { EndToEndOptions, EndToEndResult } from './end-to-end.ts';
import type { ThroughputResult } from './throughput.ts';
import { VARIANTS, type VariantName } from './variants.ts';
import { median, quantile, type Wait } from './waits.ts';

interface Measured<Result> {
  readonly variant: VariantName;
  readonly result: Result;
}

export function printDumps({ size, window }: DumpOptions, dumps: readonly Measured<DumpResult>[]): void {
  const whole = Math.round(size / EVENTS_PER_MINUTE);
  print(
    `One connection dumps ${size} on a bot with ${EVENTS_PER_MINUTE} events a minute, two others send one a second.`,
    `Waits in s, p50 / p99 / max, within ${window / 1_000} s (>: not sent by then). All of it takes ${whole} min.`,
    '',
    'variant | waits, same bot | waits, other bot | sent, of allowed | takes an event so far | takes/s, settled | Redis CPU | workers CPU',
    ...dumps.map(({ variant, result }) =>
      row([
        VARIANTS[variant].title,
        threeOf(result.shared),
        threeOf(result.separate),
        `${result.sent} of ${result.allowed}`,
        result.passes.toFixed(2),
        result.takesPerSecond.toFixed(0),
        percent(result.redisCpu),
        percent(result.workerCpu),
      ]),
    ),
  );
}

export function printDrains(
  { size, eventsPerMinute }: DrainOptions,
  drains: readonly Measured<DrainResult>[],
): void {
  print(
    `Two connections of one bot with ${eventsPerMinute} events a minute, weights 3 and 1, dump ${size / 2} each.`,
    '',
    'variant | sent | s | takes an event, mean | most | limit used | part of the heavy one, 75 % is fair',
    ...drains.map(({ variant, result }) =>
      row([
        VARIANTS[variant].title,
        String(size - result.left),
        result.seconds.toFixed(1),
        result.passes.toFixed(2),
        String(result.mostPasses),
        percent(result.limitUsed),
        percent(result.heavyPart),
      ]),
    ),
  );
}

/** The first variant is what the others are held against, round by round. */
export function printThroughput(
  call: string,
  results: ReadonlyMap<VariantName, readonly ThroughputResult[]>,
): void {
  const [base = []] = results.values();
  print(
    `No limit near, ${call}; medians of ${base.length} alternated rounds.`,
    '',
    'variant | events/s | ratio | CPU µs an event: workers | Redis',
    ...[...results].map(([variant, rounds]) =>
      row([
        VARIANTS[variant].title,
        median(rounds.map(({ perSecond }) => perSecond)).toFixed(0),
        median(rounds.map(({ perSecond }, round) => perSecond / (base[round]?.perSecond ?? 1))).toFixed(2),
        median(rounds.map(({ workerCpu }) => workerCpu)).toFixed(0),
        median(rounds.map(({ redisCpu }) => redisCpu)).toFixed(0),
      ]),
    ),
  );
}

export function printEndToEnd({ size }: EndToEndOptions, result: EndToEndResult): void {
  const { shared, separate, answers } = result;
  const told = [...answers].map(([status, count]) => `${count} × ${status || 'no answer'}`).join(', ');
  print(
    `End to end: one connection dumps ${size} orders in ${result.dumpSeconds.toFixed(0)} s (${told}) on a bot with`,
    `${EVENTS_PER_MINUTE} events a minute; ${result.created} created, at most ${result.mostInAMinute} in a minute, ${result.refused} calls refused (429).`,
    'Two others send one a second; from webhook to creation in s, p50 / p99 / max:',
    '',
    'of | while the dump comes in | after it',
    row(['same bot', threeOf(shared.during), threeOf(shared.later)]),
    row(['other bot', threeOf(separate.during), threeOf(separate.later)]),
  );
}

function threeOf(waits: readonly Wait[]): string {
  return [0.5, 0.99, 1].map((part) => quantile(waits, part)).join(' / ');
}

const percent = (part: number) => `${(part * 100).toFixed(0)} %`;
const row = (cells: readonly string[]) => cells.join(' | ');

/** Lines with cells become a table, the first of them its head. */
function print(...lines: readonly string[]): void {
  let isHead = true;
  for (const line of lines) {
    const isRow = line.includes(' | ');
    process.stdout.write(isRow ? `| ${line} |\n` : `${line}\n`);
    if (isRow && isHead) process.stdout.write(`|${'---|'.repeat(line.split(' | ').length)}\n`);
    if (isRow) isHead = false;
  }
  process.stdout.write('\n');
}
