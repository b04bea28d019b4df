import { EXIT, type ExitCode } from './exit-code.ts';
import { RedisAwayError } from './redis-away-error.ts';
import type { Surroundings } from './surroundings.ts';

/** Runs what asks Redis; where that is away, says so and fails. */
export async function orAway(what: () => Promise<ExitCode>, { err }: Surroundings): Promise<ExitCode> {
  try {
    return await what();
  } catch (error) {
    if (!(error instanceof RedisAwayError)) throw error;
    err(`error: ${error.message}`);
    return EXIT.failed;
  }
}
