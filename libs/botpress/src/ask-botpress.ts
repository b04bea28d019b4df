import type { Client } from '@botpress/client';
import { BotClient } from './bot-client.ts';
import type { BotTarget } from './bot-target.ts';
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

/** Makes one call that only reads, as the target, once and without retries. Never rejects. */
export async function askBotpress<T>(
  target: Partial<BotTarget>,
  { timeout, workspaceId }: AskOptions,
  read: (client: Client) => Promise<T>,
): Promise<Reply<T>> {
  const caller = { ...target, ...(workspaceId === undefined ? {} : { workspaceId }) };
  const result = await new BotClient(caller, { timeout, now: Date.now }).call(read);
  switch (result.kind) {
    case 'answered':
    case 'refused':
      return result;
    case 'not_sent':
    case 'ambiguous':
      return { kind: 'silent', why: result.why };
  }
}
