import type {
  BotTarget,
  EventIds,
  EventLinker,
  LinkFailure,
  LinkProblem,
  Refusal,
  SendResult,
} from '@sluice/botpress';
import type { Connection } from '@sluice/config';
import type { EventLink } from '@sluice/events';
import type { Logger } from '@sluice/observability';

export type LinkOutcome = 'linked' | LinkFailure;

export interface LinkDependencies {
  readonly linker: Pick<EventLinker, 'resolve' | 'forget' | 'reject'>;
  /** Counts the link of an event, and logs a problem. */
  readonly recordLink: RecordLink;
}

export type RecordLink = (connection: Connection, problem?: LinkProblem) => void;

interface LinkedSend {
  readonly target: BotTarget;
  readonly connection: Connection;
  readonly link: EventLink;
  /** Calls createEvent once. */
  send(ids?: EventIds): Promise<SendResult>;
}

/**
 * Finds the conversation, user and message of an event and sends the event with their ids.
 *
 * An event is never lost for a link. If ids are unknown, it is sent without them. If createEvent refuses it, nothing was
 * created, and it is sent again: with other ids, if records were deleted and found again, and at last without ids.
 */
export async function sendLinked(
  { linker, recordLink }: LinkDependencies,
  { target, connection, link, send }: LinkedSend,
): Promise<SendResult> {
  const linkTarget = { ...target, botToken: connection.link?.token?.reveal() };
  const { ids, problem } = await linker.resolve(linkTarget, link);
  const result = await send(ids);
  const refusal = refusalOfIds(result, ids);
  if (!refusal) {
    recordLink(connection, problem);
    return result;
  }
  if (MISSING_TYPES.has(refusal.type)) {
    linker.forget(linkTarget, link);
    const again = await linker.resolve(linkTarget, link);
    if (hasIds(again.ids) && JSON.stringify(again.ids) !== JSON.stringify(ids)) {
      const second = await send(again.ids);
      if (!refusalOfIds(second, again.ids)) {
        recordLink(connection, again.problem);
        return second;
      }
    }
  }
  const unlinked = await send();
  // An event that is refused without ids as well is invalid itself.
  if (unlinked.kind !== 'refused') {
    const detail = `createEvent: ${refusal.status} ${refusal.type}`;
    linker.reject(linkTarget, link, detail);
    recordLink(connection, { reason: 'rejected', detail });
  }
  return unlinked;
}

/** Refusals that a deleted record explains. */
const MISSING_TYPES = new Set(['ReferenceNotFound', 'ResourceNotFound', 'RelationConflict']);

/** Botpress does not document how it refuses the id of a record that the caller may not see. */
const STATUSES_OF_IDS = new Set([400, 403, 404, 409, 422]);

/** Returns the refusal if the ids may be its cause. */
function refusalOfIds(result: SendResult, ids: EventIds): Refusal | undefined {
  if (result.kind !== 'refused' || !hasIds(ids)) return undefined;
  return STATUSES_OF_IDS.has(result.refusal.status) ? result.refusal : undefined;
}

function hasIds(ids: EventIds): boolean {
  return Object.keys(ids).length > 0;
}

/**
 * Returns the recorder of links. It counts every event, and logs a problem once per connection and reason.
 *
 * @param dependencies `count`: counts an event of a source by the outcome of its link
 */
export function createLinkRecorder({
  logger,
  count,
}: {
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly count: (source: string, outcome: LinkOutcome) => void;
}): RecordLink {
  const logged = new Set<string>();
  return ({ id, source }, problem) => {
    count(source.name, problem?.reason ?? 'linked');
    if (!problem) return;
    const key = JSON.stringify([id, problem.reason]);
    if (logged.has(key)) return;
    logged.add(key);
    // Some topics of a platform concern no person, such as the status of a template.
    const level = problem.reason === 'no_tags' ? 'info' : 'warn';
    logger[level]({ connection: id, reason: problem.reason, detail: problem.detail }, 'event.not_linked');
  };
}
