import type { SampleRequest } from '@sluice/events';
import { z } from 'zod';
import { Problem } from '../problem.ts';

/** Milliseconds. Longer than any platform waits. */
const TIMEOUT = 10_000;

/** What ingest tells; some platforms want an empty answer. */
const told = z.object({
  result: z.string().optional().catch(undefined),
  deliveries: z.array(z.string()).catch([]),
});

export type TestAnswer = z.output<typeof told> & {
  readonly status: number;
  /** Milliseconds. */
  readonly ms: number;
};

/**
 * Sends a webhook to ingest; whatever that answers is an answer.
 *
 * @throws Problem `unavailable` if it does not
 */
export async function postTest(url: string, { headers, body }: SampleRequest): Promise<TestAnswer> {
  const start = performance.now();
  try {
    const answer = await fetch(url, {
      ...{ method: 'POST', headers, body, redirect: 'manual' },
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const text = await answer.text();
    return { status: answer.status, ...read(text), ms: Math.round(performance.now() - start) };
  } catch {
    const { origin } = new URL(url);
    throw new Problem(
      'unavailable',
      `ingest does not answer at ${origin}; is SLUICE_INGEST_URL right, and ingest up?`,
    );
  }
}

function read(text: string): z.output<typeof told> {
  try {
    return told.parse(JSON.parse(text));
  } catch {
    return { deliveries: [] };
  }
}
