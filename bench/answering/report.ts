import { median, percentile, spread } from '../numbers.ts';
import { table } from '../table.ts';
import type { Measured } from './load.ts';
import { BARE, GUIDE, GUIDE_ALWAYS, SLUICE } from './targets.ts';

/** What one target came to, round by round. */
export type Rounds = ReadonlyMap<string, readonly Measured[]>;

export const perSecond = ({ answered, ms }: Measured): number => (1_000 * answered) / ms;

/** CPU of one of the selected processes, in µs a request; 0 if not started. */
const cpuOf = (measured: Measured, index: number) => (1e6 * (measured.cpus[index] ?? 0)) / measured.answered;

const median0 = (values: readonly number[]) => median(values).toFixed(0);

/** Throughput as a table, each target against Sluice, round by round. */
export function throughputTable(rounds: Rounds): string {
  const sluice = rounds.get(SLUICE) ?? [];
  return table(
    ['', 'req/s', 'Sluice, times as fast', 'CPU µs a request: server', 'Redis', 'CPU of the load'],
    [...rounds].map(([title, all]) => [
      title,
      spread(all.map(perSecond)),
      spread(
        all.map((measured, round) => perSecond(sluice[round] ?? measured) / perSecond(measured)),
        2,
      ),
      spread(all.map((measured) => cpuOf(measured, 0))),
      median0(all.map((measured) => cpuOf(measured, 1))),
      `${median0(all.map(({ cpu, ms }) => (100_000 * cpu) / ms))} %`,
    ]),
  );
}

/** Times of answers as a table, in ms, medians of the rounds. */
export function latencyTable(rounds: Rounds): string {
  const of = (all: readonly Measured[], part: number) =>
    spread(
      all.map(({ latencies }) => percentile(latencies, part)),
      1,
    );
  return table(
    ['', 'p50, ms', 'p99', 'p99.9', 'CPU µs a request: server', 'load sent late, p99'],
    [...rounds].map(([title, all]) => [
      title,
      ...[0.5, 0.99, 0.999].map((part) => of(all, part)),
      median0(all.map((measured) => cpuOf(measured, 0))),
      median(all.map(({ lateness }) => percentile(lateness, 0.99))).toFixed(1),
    ]),
  );
}

/** What was aimed at and what came out, as a table. */
export function targetTable(throughput: Rounds, latency: Rounds): string {
  const ratio = (of: string, to: string) =>
    median(
      (throughput.get(of) ?? []).map((measured, round) => {
        const other = throughput.get(to)?.[round];
        return other ? perSecond(measured) / perSecond(other) : Number.NaN;
      }),
    );
  const p99 = (title: string) =>
    median((latency.get(title) ?? []).map(({ latencies }) => percentile(latencies, 0.99)));
  const row = (what: string, target: string, value: number, met: boolean) => [
    what,
    target,
    value.toFixed(2),
    met ? 'yes' : 'no',
  ];
  const [guide, always, bare] = [ratio(SLUICE, GUIDE), ratio(SLUICE, GUIDE_ALWAYS), ratio(SLUICE, BARE)];
  const slower = p99(SLUICE) / p99(BARE);
  const part = Number(process.versions.node.split('.')[0]) >= 24 ? 0.35 : 0.25;
  return table(
    ['target', 'at', 'measured', 'met'],
    [
      row(`throughput of "${GUIDE}"`, '≥ 2', guide, guide >= 2),
      row(`throughput of "${GUIDE_ALWAYS}"`, '', always, always >= 2),
      row('throughput of bare node:http + HMAC', `≥ ${part}`, bare, bare >= part),
      row("p99 at half of Sluice's maximum, to bare's", '≤ 5', slower, slower <= 5),
    ],
  );
}
