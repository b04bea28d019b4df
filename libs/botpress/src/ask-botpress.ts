import { Client } from '@botpress/client';
import type { BotTarget } from './bot-target.ts';
import { classifyError, type RawError } from './classify-error.ts';
import type { Refusal } from './send-result.ts';

/** What one reading call came to. */
export type Reply<T> =
  | { readonly kind: 'answered'; readonly body: T }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Nobody answered, or a gateway did for a backend that it could not reach. */
  | { readonly kind: 'silent'; readonly why: string };

export interface AskOptions {
  /** Milliseconds until an answer counts as lost. */
  readonly timeout: number;
  /** The Admin API wants it; the Runtime API does not mind it. */
  readonly workspaceId?: string | undefined;
}

/**
 * Makes one call that only reads, as the target, once and without retries. Never rejects.
 *
 * As in `BotClient`, the retry condition serves only to see axios' own error: status and body of a proxy's
 * answer are lost in the client's.
 */
export async function askBotpress<T>(
  target: Partial<BotTarget>,
  { timeout, workspaceId }: AskOptions,
  read: (client: Client) => Promise<T>,
): Promise<Reply<T>> {
  let raw: RawError | undefined;
  const client = new Client({
    ...target,
    ...(workspaceId === undefined ? {} : { workspaceId }),
    timeout,
    retry: {
      retries: 1,
      retryCondition: (error: RawError) => {
        raw = error;
        return false;
      },
    },
  });
  try {
    return { kind: 'answered', body: await read(client) };
  } catch (error) {
    const result = classifyError(raw ?? { code: error instanceof Error ? error.name : 'unknown error' }, 0);
    return result.kind === 'refused' ? result : { kind: 'silent', why: 'why' in result ? result.why : '' };
  }
}
