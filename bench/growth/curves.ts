import { assertBalance } from './balance.ts';
import type { GrowingRedis } from './growing-redis.ts';
import { startGrowingRedis } from './growing-redis.ts';
import type { Cost } from './meter.ts';
import type { Stage } from './phases.ts';

/** One size of the growing set. */
export interface Point {
  /** e.g. `100,000 waiting`. */
  readonly title: string;
  readonly size: number;
}

/** What grows, and what is measured of it. */
export interface Growing {
  readonly points: readonly Point[];
  /** Makes as much of it as the point has. */
  seed(stage: Stage, redis: GrowingRedis, size: number): Promise<void>;
  /** Measures, by name of what was measured, and leaves as much as there was. */
  measure(stage: Stage, redis: GrowingRedis, size: number): Promise<Readonly<Record<string, Cost>>>;
  /** Text to append to the result. */
  report?(): Promise<string>;
  /** Ends what `seed` has started. */
  stop?(): Promise<void>;
}

/** Costs by what was measured, then by point, round by round. */
export type Curves = ReadonlyMap<string, readonly (readonly Cost[])[]>;

export interface Measured {
  readonly curves: Curves;
  readonly appendix: string;
}

/**
 * Measures all points in turns, each in a separate Redis, so that other load on this machine affects
 * all of them. The first round warms up and is not kept.
 */
export async function measureCurves(stage: Stage, growing: Growing, rounds: number): Promise<Measured> {
  const places: GrowingRedis[] = [];
  try {
    for (const point of growing.points) {
      const place = await startGrowingRedis();
      places.push(place);
      await fill(stage, place, growing, point);
    }
    const curves = new Map<string, Cost[][]>();
    for (let round = 0; round <= rounds; round++) {
      const order = [...places.entries()];
      for (const [index, place] of round % 2 ? order.toReversed() : order) {
        const { title, size } = growing.points[index] as Point;
        const costs = await growing.measure(stage, place, size);
        for (const [name, cost] of Object.entries(costs)) {
          report(`round ${round}, ${title}, ${name}: ${describe(cost)}`);
          const curve = curves.get(name) ?? growing.points.map(() => []);
          curves.set(name, curve);
          if (round > 0) curve[index]?.push(cost);
        }
      }
    }
    return { curves, appendix: (await growing.report?.()) ?? '' };
  } finally {
    await growing.stop?.();
    await Promise.all(places.map((place) => place.stop()));
  }
}

async function fill(
  stage: Stage,
  place: GrowingRedis,
  { seed }: Growing,
  { title, size }: Point,
): Promise<void> {
  const begun = performance.now();
  await seed(stage, place, size);
  const made = performance.now();
  if (size > 0) await assertBalance(place.server.url);
  const checked = performance.now();
  await place.harden();
  const seconds = (from: number, to: number) => `${((to - from) / 1_000).toFixed(1)} s`;
  const hardened = seconds(checked, performance.now());
  report(
    `${title}: made in ${seconds(begun, made)}, checked in ${seconds(made, checked)}, on disk in ${hardened}`,
  );
}

const report = (line: string) => void process.stderr.write(`${line}\n`);

const describe = ({ redis, scripts, process, commands, perSecond }: Cost) =>
  `Redis ${redis.toFixed(0)} µs, scripts ${scripts.toFixed(0)} µs, process ${process.toFixed(0)} µs, ${commands.toFixed(1)} commands, ${perSecond.toFixed(0)}/s`;
