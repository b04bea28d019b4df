import { median } from '../numbers.ts';
import { table } from '../table.ts';
import type { Mode } from './modes.ts';
import { ratioTo } from './report.ts';
import type { Rounds } from './run-mode.ts';
import { sluice } from './sluice.ts';

/** Milliseconds of Redis' CPU an event, at most. */
const REDIS_MS = 0.25;

/** What was aimed at in a mode and what came out, as a table. */
export function targetTable(mode: Pick<Mode, 'aim'>, rounds: Rounds): string {
  const own = rounds.get(sluice.title) ?? [];
  const redis = median(own.map(({ cpu }) => cpu.Redis ?? Number.NaN)) / 1_000;
  const lost = own.reduce((sum, one) => sum + one.lost + one.doubled, 0);
  const rows = [
    row('lost or doubled', '0', String(lost), lost === 0),
    row('Redis CPU, ms an event', `≤ ${REDIS_MS}`, redis.toFixed(2), redis <= REDIS_MS),
  ];
  if (mode.aim) {
    const { of, times } = mode.aim;
    const ratio = ratioTo(rounds, of.title);
    rows.unshift(
      row(`events/s to those of: ${of.title}`, `≥ ${times}, on Node 24`, ratio.toFixed(2), ratio >= times),
    );
  }
  return table(['target', 'at', 'measured', 'met'], rows);
}

const row = (what: string, target: string, value: string, met: boolean) => [
  what,
  target,
  value,
  met ? 'yes' : 'no',
];
