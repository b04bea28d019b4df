import { DEFAULT_ANSWER_WITHIN } from '@sluice/events';
import type { Ingested } from './ingest-webhook.ts';

/**
 * How an answer does by the promise to the platforms: 2xx within their deadline. `refused`: 503, though nothing was
 * wrong with the webhook as far as it was looked at.
 */
export type AnswerVerdict = 'in_time' | 'late' | 'refused';

export const ANSWER_VERDICTS = ['in_time', 'late', 'refused'] as const satisfies readonly AnswerVerdict[];

/**
 * Judges an answer. Undefined for what the sender has to answer for (4xx): a stranger's guesses must not spend the
 * budget of the promise.
 *
 * @param seconds from the first byte of the webhook to its answer
 */
export function judgeAnswer({ result, connection }: Ingested, seconds: number): AnswerVerdict | undefined {
  switch (result.kind) {
    case 'accepted':
    case 'duplicate':
    case 'ignored':
    case 'quarantined': {
      const within = connection?.source.answerWithin ?? DEFAULT_ANSWER_WITHIN;
      return seconds * 1000 <= within ? 'in_time' : 'late';
    }
    case 'unavailable':
      return 'refused';
    case 'rejected':
    case 'unauthenticated':
    case 'malformed':
    case 'misframed':
    case 'unsupported':
    case 'too_large':
      return undefined;
  }
}
