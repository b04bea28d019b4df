import type { Connection } from '@sluice/config';
import type { SampleRequest } from '@sluice/events';
import { z } from 'zod';
import { Problem } from '../http/problem.ts';
import { count } from '../schemas/common.ts';

interface TestRequest {
  readonly connection: Connection;
  /** By default, the first enabled topic with a sample. */
  readonly topic: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Returns a sample webhook, signed with the first secret of the connection. Its number changes every second.
 *
 * @throws Problem `conflict` without a sample
 */
export function composeTest({ connection, topic, now }: TestRequest): SampleRequest {
  const { source, settings, secrets, events } = connection;
  const { samples } = source;
  if (!samples)
    throw new Problem('conflict', `${source.name} has no samples. Send a webhook from the platform.`);
  const chosen = topic ?? samples.topics.find((one) => events.get(one)) ?? samples.topics[0] ?? '';
  if (!samples.topics.includes(chosen)) {
    throw new Problem(
      'conflict',
      `No sample of "${chosen}". Topics with a sample: ${samples.topics.join(', ')}.`,
    );
  }
  const number = Math.floor(now / 1_000);
  return samples.sign(samples.compose(chosen, { number, now, settings }), secrets[0]?.reveal() ?? '');
}

/** Longer than any platform waits. */
const TIMEOUT_MS = 10_000;

export const testResult = z
  .object({
    status: z.int().describe('HTTP status of ingest'),
    result: z.string().optional().describe('accepted, duplicate, ignored or quarantined'),
    deliveries: z.array(z.string()),
    ms: count.describe('duration of the request'),
  })
  .meta({ id: 'TestResult' });

/** The response of ingest. It is empty for platforms that require it. */
const ingestResponse = z.object({
  result: z.string().optional().catch(undefined),
  deliveries: z.array(z.string()).catch([]),
});

/**
 * Sends a webhook to ingest and returns its response, with any status.
 *
 * @throws Problem `unavailable` without a response
 */
export async function postTest(
  url: string,
  { headers, body }: SampleRequest,
): Promise<z.output<typeof testResult>> {
  const start = performance.now();
  try {
    const response = await fetch(url, {
      ...{ method: 'POST', headers, body, redirect: 'manual' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return { status: response.status, ...parse(text), ms: Math.round(performance.now() - start) };
  } catch {
    const { origin } = new URL(url);
    throw new Problem(
      'unavailable',
      `Ingest does not answer at ${origin}. Check SLUICE_INGEST_URL and that ingest is running.`,
    );
  }
}

function parse(text: string): z.output<typeof ingestResponse> {
  try {
    return ingestResponse.parse(JSON.parse(text));
  } catch {
    return { deliveries: [] };
  }
}
