import type { Failure } from './failure.ts';
import type { DeadReason } from './outcome.ts';

/** Usual origin of a failure: the sending platform, Sluice with its mappers and configuration, or Botpress. */
export const FAULT_OF: Readonly<Record<DeadReason, 'sender' | 'pipeline' | 'destination'>> = {
  invalid_input: 'sender',
  mapper_threw: 'pipeline',
  invalid_event: 'pipeline',
  rejected: 'destination',
  too_large: 'pipeline',
  retries_exhausted: 'destination',
  crashed: 'pipeline',
  ambiguous: 'destination',
  unknown_connection: 'pipeline',
  bot_failed: 'destination',
  bot_ignored: 'destination',
  forward_rejected: 'destination',
};

/** How to fix dead letters of each reason. */
const REMEDIES: Readonly<Record<DeadReason, string>> = {
  invalid_input:
    'The platform sent input that fails the event’s schema. If the platform changed, update the schema, then replay.',
  mapper_threw: 'The event’s mapper has a bug. Fix it, restart the workers, then replay.',
  invalid_event: 'The mapper’s result fails the event’s schema. Fix the mapper or the schema, then replay.',
  rejected:
    'Botpress rejected the event; see its message. Usually the integration defines the event differently or not at all: deploy it, then replay.',
  too_large:
    'The event is larger than Botpress or `limits.eventBytes` permits, even without its full body. Raise `limits.eventBytes` if Botpress accepts more, else remove fields in the mapper, then replay.',
  retries_exhausted:
    'Botpress, or the receiver of a forward, was unreachable or failed for the whole retry period (`retry.for`). When it has recovered, replay.',
  crashed:
    'Workers crashed while processing it, also in isolation. Check its body and edit or discard it before a replay.',
  ambiguous:
    'A response was lost, and Botpress could not be asked whether the event exists. When Botpress responds, replay: the event is looked up first.',
  forward_rejected:
    'The receiver of a forward rejected the webhook; see its status. Fix the receiver or `forward.url`, then replay.',
  unknown_connection: 'Its connection is no longer in the connections file. Add it again, then replay.',
  bot_failed:
    'The bot received the event and failed. Read the failure reason, fix the workflow in Botpress and publish the bot. A replay creates a second event, and the bot may have acted on the first.',
  bot_ignored:
    'The bot received the event and no workflow handled it. Add a trigger for the event in Botpress and publish the bot, then replay.',
};

/** Remedies by words in the failure reason of Botpress, which documents no list of them. The first that fits applies. */
const BOT_REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /quota|limit|exceeded|payment|\bplan\b|billing/i,
    'The workspace has used up its quota. Raise the limit or wait for the next period, then replay.',
  ],
  [
    /not (?:been )?published|unpublished|not deployed|no (?:published )?version/i,
    'The bot is not published. Publish it in Botpress Studio, then replay.',
  ],
  [
    /trigger|no (?:workflow|handler)|not (?:handled|subscribed)/i,
    'No workflow of the bot has a trigger for this event. Add the trigger in Botpress Studio and publish the bot, then replay.',
  ],
  [
    /time(?:d )?\s?out|deadline|too long/i,
    'The workflow exceeded the time of an invocation (60 s). Shorten it or continue it from a later event, publish the bot, then replay. The bot may have acted on the first event.',
  ],
];

/** Returns how to fix a dead letter. Where the bot failed or ignored its event, the failure reason decides. */
export function remedyOf({ reason, detail }: Pick<Failure, 'reason' | 'detail'>): string {
  const isOfBot = reason === 'bot_failed' || reason === 'bot_ignored';
  const found = isOfBot ? BOT_REMEDIES.find(([pattern]) => pattern.test(detail.message)) : undefined;
  return found?.[1] ?? REMEDIES[reason];
}
