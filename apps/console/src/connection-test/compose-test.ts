import type { Connection } from '@sluice/config';
import type { SampleRequest } from '@sluice/events';
import { Problem } from '../problem.ts';

export interface TestRequest {
  readonly connection: Connection;
  /** Without it, the first of which there is a sample and that becomes an event. */
  readonly topic: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Composes a made-up webhook as the platform would send it, signed with the first secret; another one each second.
 *
 * @throws Problem `conflict` where there is no sample
 */
export function composeTest({ connection, topic, now }: TestRequest): SampleRequest {
  const { source, settings, secrets, events } = connection;
  const { samples } = source;
  if (!samples)
    throw new Problem('conflict', `of ${source.name} there are no samples; let the platform send one`);
  const chosen = topic ?? samples.topics.find((one) => events.get(one)) ?? samples.topics[0] ?? '';
  if (!samples.topics.includes(chosen)) {
    throw new Problem(
      'conflict',
      `there is no sample of "${chosen}"; there are: ${samples.topics.join(', ')}`,
    );
  }
  const number = Math.floor(now / 1_000);
  return samples.sign(samples.compose(chosen, { number, now, settings }), secrets[0]?.reveal() ?? '');
}
