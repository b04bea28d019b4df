import type { RedisSettings } from '@sluice/config';
import { type OpenOperatorGate, openOperatorGate } from '@sluice/queue';
import { RedisAwayError } from './ask-ledger.ts';

/** Milliseconds until a Redis that says nothing is given up. */
const ANSWER_WITHIN = 5_000;

/**
 * Opens the gate for as long as `ask` takes, which asks Redis and does nothing else.
 *
 * @returns what `ask` does
 * @throws RedisAwayError at the first thing that goes wrong with Redis
 */
export async function askGate<Answer>(
  { url, displayUrl, queuePrefix }: RedisSettings,
  ask: (gate: Omit<OpenOperatorGate, 'reached' | 'close'>) => Promise<Answer>,
): Promise<Answer> {
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const gate = openOperatorGate({
    url: url.reveal(),
    name: 'sluice-cli',
    prefix: queuePrefix,
    onError: fail,
  });
  const silent = new Error(`nothing within ${ANSWER_WITHIN / 1_000} s`);
  const timer = setTimeout(() => fail(silent), ANSWER_WITHIN);
  try {
    return await Promise.race([gate.reached.then(() => ask(gate)), failed]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RedisAwayError(`Redis at ${displayUrl} does not answer: ${why}  — is REDIS_URL right?`);
  } finally {
    clearTimeout(timer);
    await gate.close();
  }
}
