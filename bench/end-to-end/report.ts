import { cpus } from 'node:os';
import { median, spread } from '../numbers.ts';
import { table } from '../table.ts';
import type { Rounds } from './run-mode.ts';
import { sluice } from './sluice.ts';
import type { Measured } from './trial.ts';

type Pick = (measured: Measured) => number;

const total = (all: readonly Measured[], pick: Pick) => all.reduce((sum, one) => sum + pick(one), 0);

/** How fast each contestant was, what became of all, and Sluice's rate to each, round by round. */
export function speedTable(rounds: Rounds): string {
  const own = rounds.get(sluice.title) ?? [];
  const head = ['', 'events/s', 'accepted/s', "Sluice's events/s to it", 'answer p50, ms', 'p99'];
  return table(
    head,
    [...rounds].map(([title, all]) => [
      title,
      spread(all.map((one) => one.perSecond)),
      spread(all.map((one) => one.acceptedPerSecond)),
      spread(ratios(own, all), 2),
      spread(
        all.map(({ answer }) => answer.p50),
        1,
      ),
      spread(
        all.map(({ answer }) => answer.p99),
        1,
      ),
    ]),
  );
}

/** Both ledgers compared, over all rounds, and how long events took. */
export function fateTable(rounds: Rounds): string {
  const head = [
    '',
    'accepted',
    'refused',
    'accepted but lost',
    'doubled',
    'webhook to createEvent p50, ms',
    'p99',
  ];
  return table(
    head,
    [...rounds].map(([title, all]) => [
      title,
      ...[
        total(all, (one) => one.accepted),
        total(all, (one) => one.refused),
        total(all, (one) => one.lost),
        total(all, (one) => one.doubled),
      ].map(String),
      spread(all.map(({ created }) => created.p50)),
      spread(all.map(({ created }) => created.p99)),
    ]),
  );
}

const CORES = cpus().length;

/**
 * CPU of each process in µs an event, medians; what this allows on all cores, were they free, while each process has
 * one thread that counts; and the memory of Redis.
 */
export function costTable(rounds: Rounds): string {
  const parts = [...new Set([...rounds.values()].flatMap(([one]) => Object.keys(one?.cpu ?? {})))];
  const last = ['sandbox', 'load'];
  const ordered = [...parts.filter((part) => !last.includes(part)), ...last];
  const rows = [...rounds].map(([title, all]) => {
    const costs = ordered.map((part) => {
      const values = all.flatMap(({ cpu }) => cpu[part] ?? []);
      return values.length ? spread(values) : '';
    });
    const sum = median(all.map(({ cpu }) => Object.values(cpu).reduce((one, other) => one + other, 0)));
    const most = median(all.map(({ cpu }) => Math.max(...Object.values(cpu))));
    const allowed = Math.min((CORES * 1e6) / sum, 1e6 / most).toFixed(0);
    const memory = all.flatMap(({ redisMemory }) => redisMemory ?? []);
    return [
      title,
      ...costs,
      sum.toFixed(0),
      allowed,
      memory.length ? `${Math.max(...memory).toFixed(0)} MiB` : '',
    ];
  });
  return table(
    ['CPU µs an event', ...ordered, 'all', `events/s that ${CORES} free cores allow`, 'Redis memory at most'],
    rows,
  );
}

/** Median of what one is to the other, round by round. */
export function ratioTo(rounds: Rounds, title: string): number {
  return median(ratios(rounds.get(sluice.title) ?? [], rounds.get(title) ?? []));
}

function ratios(own: readonly Measured[], all: readonly Measured[]): number[] {
  return all.map(({ perSecond }, round) => (own[round]?.perSecond ?? Number.NaN) / perSecond);
}
