import { median, spread } from '../numbers.ts';
import { type Lag, sendLive } from './live-traffic.ts';
import { report } from './report.ts';
import { BY, startReplay } from './run-replay.ts';
import { openStage, type Stage } from './stage.ts';

const ROUNDS = 8;
/** Runs less often, because it is not a target. */
const FULL_ROUNDS = 2;
const PER_SECOND = 50;
const SECONDS = 8;
const PER_MINUTE = 6_000;
const SEEDED = 100_000;

const SIDES = ['without', 'capped', 'full'] as const;
type Side = (typeof SIDES)[number];

const NAMES: Record<Side, string> = {
  without: 'no replay',
  capped: `a replay of ${PER_MINUTE.toLocaleString('en-US')} a minute`,
  full: 'a replay at full speed',
};

/** How long live deliveries take beside a replay, against without: by turns, with the same arrivals. */
export async function benchBesideLive(rounds = ROUNDS): Promise<string> {
  const stage = await openStage();
  await stage.startWorker();
  await stage.seed(SEEDED);
  await stage.replays.plan({});
  await sendLive(stage, { perSecond: PER_SECOND, seconds: 5, seed: 0 });
  const lags: Record<Side, Lag[]> = { without: [], capped: [], full: [] };
  const put: Record<Side, number[]> = { without: [], capped: [], full: [] };
  for (let round = 0; round < rounds; round++) {
    const sides = SIDES.filter((side) => side !== 'full' || round < FULL_ROUNDS);
    for (const side of round % 2 ? sides.toReversed() : sides) {
      const { lag, replayed } = await measure(stage, side, round);
      lags[side].push(lag);
      put[side].push(replayed / SECONDS);
      const result = `p50 ${lag.p50.toFixed(1)}, p99 ${lag.p99.toFixed(1)} ms, ${replayed} replayed`;
      report(`${NAMES[side]}, round ${round + 1}: ${result}`);
    }
  }
  const ledger = await stage.ledger.readLedger();
  await stage.close();
  const ratio = (side: Side, of: keyof Lag) =>
    lags[side].map((lag, round) => lag[of] / (lags.without[round]?.[of] ?? Number.NaN));
  return [
    `| ${PER_SECOND} live orders/s for ${SECONDS} s, ${rounds} alternated rounds, beside | p50, ms | p99, ms | ratio of p50 | ratio of p99, round by round | ratio of the medians of p99 | replayed/s |`,
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...SIDES.map((side) => {
      const [p50s, p99s] = [lags[side].map(({ p50 }) => p50), lags[side].map(({ p99 }) => p99)];
      const medians = median(p99s) / median(lags.without.map(({ p99 }) => p99));
      const cells = [spread(p50s, 1), spread(p99s, 1), median(ratio(side, 'p50')).toFixed(2)];
      cells.push(spread(ratio(side, 'p99'), 2), medians.toFixed(2), median(put[side]).toFixed(0));
      return `| ${NAMES[side]} | ${cells.join(' | ')} |`;
    }),
    '',
    `The ledger ${ledger.holds ? 'balances' : 'DOES NOT BALANCE'} after it.`,
  ].join('\n');
}

async function measure(stage: Stage, side: Side, round: number): Promise<{ lag: Lag; replayed: number }> {
  const id =
    side === 'without' ? undefined : await startReplay(stage, side === 'capped' ? PER_MINUTE : undefined);
  const lag = await sendLive(stage, { perSecond: PER_SECOND, seconds: SECONDS, seed: round });
  if (id === undefined) return { lag, replayed: 0 };
  await stage.replays.cancel(id, BY);
  await stage.drained();
  return { lag, replayed: (await stage.replays.get(id))?.replayed ?? 0 };
}
