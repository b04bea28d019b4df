import type { Connection } from '@sluice/config';
import type { SampleRequest, SourceSamples } from '@sluice/events';

/**
 * Makes a composer of signed webhooks of a connection: a different one for each number, from 1.
 *
 * @param now milliseconds since the epoch; asked anew for each webhook, as some platforms sign the time
 */
export function composeWebhooks(
  { settings, secrets }: Connection,
  samples: SourceSamples,
  topic: string,
  now: () => number,
): (number: number) => SampleRequest {
  return (number) =>
    samples.sign(samples.compose(topic, { number, now: now(), settings }), secrets[0]?.reveal() ?? '');
}

/** Makes a composer that gives the first webhook for every number, byte for byte. */
export function alwaysTheFirst(compose: (number: number) => SampleRequest): () => SampleRequest {
  const first = compose(1);
  return () => first;
}
