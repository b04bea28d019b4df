import type { Flow } from './event.ts';
import { cut, rateOf } from './rate.ts';
import { startTrial } from './trial.ts';
import type { VariantName } from './variants.ts';
import type { Sent } from './worker-process.ts';

export interface DrainResult {
  /** What was not sent in time. */
  readonly left: number;
  /** Seconds until the last was sent. */
  readonly seconds: number;
  readonly passes: number;
  readonly mostPasses: number;
  /** Events a minute once the burst is through, as a part of the limit. */
  readonly limitUsed: number;
  /** Part of the connection with three shares of four, while both have events waiting. */
  readonly heavyPart: number;
}

export interface DrainOptions {
  /** Events of both connections together. */
  readonly size: number;
  readonly eventsPerMinute: number;
  /** Milliseconds after which it is given up. */
  readonly within: number;
}

const GROUP = 250;

/** Two connections of one bot dump as much, with weights of 3 and 1, and all is sent. */
export async function runDrain(variant: VariantName, options: DrainOptions): Promise<DrainResult> {
  const { size, eventsPerMinute, within } = options;
  const flow = (connection: string, share: number): Flow => ({
    ...{ connection, bot: 'bot-1', eventsPerMinute, share },
  });
  const trial = await startTrial(variant);
  trial.crew.run();
  const start = Date.now();
  for (let count = 0; count < size; count += 2 * GROUP) {
    await Promise.all([trial.enqueue(flow('heavy', 3), GROUP), trial.enqueue(flow('light', 1), GROUP)]);
  }
  await trial.crew.untilSent(size, within);
  const { takes } = trial.crew;
  const sent = trial.crew.sent.toSorted((a, b) => a.at - b.at);
  await trial.stop();
  return {
    left: size - sent.length,
    seconds: ((sent.at(-1)?.at ?? Number.NaN) - start) / 1_000,
    passes: takes / size,
    mostPasses: sent.reduce((most, { passes }) => Math.max(most, passes), 0),
    limitUsed: rateOf(cut(sent, 0.2, 0.9)) / eventsPerMinute,
    heavyPart: heavyPartOf(cut(sent, 0.25, 0.6)),
  };
}

function heavyPartOf(sent: readonly Sent[]): number {
  return sent.filter(({ connection }) => connection === 'heavy').length / sent.length;
}
