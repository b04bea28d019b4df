import { createHash } from 'node:crypto';
import { DEFAULT_MAX_BODY_BYTES, type Delivery, type Issue, type PrepareResult } from '@sluice/events';
import type { TransitionContext } from '../bullmq/context.ts';
import { DELIVERY_FIELDS, JOB_FIELDS, jobKey } from '../bullmq/layout.ts';
import { replaceBloomFilter } from '../records/bloom-filter.ts';
import { readDelivery, storeDelivery } from '../records/delivery.ts';
import { type EditNote, writeEditNote } from '../records/edit.ts';
import { storedFailureOf } from '../records/failure.ts';
import type { Operator } from '../scheduler/types.ts';
import { applyChange, type Change } from './apply-change.ts';
import type { OnProgress } from './discard.ts';
import type { DeadLetterFilter } from './filter.ts';
import { deadLetterPages } from './search.ts';

export type EditResult =
  | { readonly ok: true; readonly delivery: Delivery }
  | { readonly ok: false; readonly why: string; readonly issues?: readonly Issue[] };

export interface EditRequest extends Operator {
  readonly change: Change;
  /** Prepares the event with the current mappers. An edit that would fail again is rejected. */
  readonly prepare: (delivery: Delivery) => PrepareResult;
  /** Checks the edit without storing it. */
  readonly dryRun?: boolean;
}

/**
 * Edits the body of a dead letter. The original body and a note of each edit are stored with the delivery. It stays
 * dead until it is replayed.
 */
export async function editDeadLetter(
  queue: TransitionContext,
  id: string,
  request: EditRequest,
): Promise<EditResult> {
  const { redis, keyPrefix, backend, now } = queue;
  const [data, own, failedReason, original] = await redis.hmget(
    jobKey(keyPrefix, id),
    JOB_FIELDS.data,
    DELIVERY_FIELDS.failure,
    JOB_FIELDS.failedReason,
    DELIVERY_FIELDS.original,
  );
  if (typeof data !== 'string') return reject(`Delivery ${id} does not exist.`);
  const reading = readDelivery(id, JSON.parse(data));
  if (!reading.ok) return reject(reading.why);
  const changed = applyChange(reading.delivery.body, request.change);
  if (!changed.ok) return reject(changed.why);
  if (Buffer.byteLength(changed.body) > DEFAULT_MAX_BODY_BYTES) {
    return reject('The new body is larger than 8 MiB, the limit of a webhook.');
  }
  const delivery = { ...reading.delivery, body: changed.body };
  const prepared = request.prepare(delivery);
  if (prepared.kind === 'dead') {
    const why = `The edited delivery would fail again (${prepared.reason}): ${prepared.message}`;
    return { ...reject(why), ...(prepared.issues ? { issues: prepared.issues } : {}) };
  }
  if (prepared.kind === 'forward') {
    return reject('A forward cannot be edited: its receiver verifies the signature of the original bytes.');
  }
  if (request.dryRun) return { ok: true, delivery };
  const sha1 = createHash('sha1').update(data).digest('hex');
  const stored = JSON.stringify(storeDelivery(delivery));
  const note = writeEditNote(toNote(request, now()));
  const failure = storedFailureOf(own, failedReason);
  const first = typeof original === 'string' ? readDelivery(id, JSON.parse(original)) : reading;
  const searchable = first.ok ? [delivery, first.delivery] : [delivery];
  const args = [id, sha1, stored, note, replaceBloomFilter(failure, ...searchable)];
  switch (await backend.transition('edit', args)) {
    case 'edited':
      return { ok: true, delivery };
    case 'changed':
      return reject('The delivery was edited meanwhile. Load it again, then repeat the edit.');
    default:
      return reject('The delivery is not dead (any more).');
  }
}

const reject = (why: string) => ({ ok: false, why }) as const;

/** The note does not repeat a whole body. */
function toNote({ who, reason, change }: EditRequest, at: number): EditNote {
  return { who, reason, at, change: 'patch' in change ? change.patch : 'body' };
}

/** The result of an edit of many dead letters. */
export interface EditSummary {
  /** Ids of those that were edited or, in a dry run, could be. */
  readonly edited: readonly string[];
  readonly refused: number;
  /** Why the first of those were refused. */
  readonly refusals: readonly EditRejection[];
}

interface EditRejection {
  readonly id: string;
  readonly why: string;
  /** Schema issues of the edited body, if they are the reason. */
  readonly issues?: readonly Issue[];
}

/** Dead letters per page. */
const PAGE = 100;

const MAX_REFUSALS = 10;

/**
 * Edits all dead letters that match, one after the other. It may be interrupted and run again if the change may be
 * applied twice.
 */
export async function editDeadLetters(
  queue: TransitionContext,
  filter: DeadLetterFilter,
  request: EditRequest,
  onProgress: OnProgress = () => {},
): Promise<EditSummary> {
  const edited: string[] = [];
  const refusals: EditRejection[] = [];
  let refused = 0;
  for await (const letters of deadLetterPages(queue, filter, { limit: PAGE, among: 'dead' })) {
    for (const { id } of letters) {
      const result = await editDeadLetter(queue, id, request);
      if (result.ok) {
        edited.push(id);
        continue;
      }
      refused++;
      const { why, issues } = result;
      if (refusals.length < MAX_REFUSALS) refusals.push({ id, why, ...(issues ? { issues } : {}) });
    }
    onProgress(edited.length + refused);
  }
  return { edited, refused, refusals };
}

/** Merges the results of all shards. */
export function mergeEdits(parts: readonly EditSummary[]): EditSummary {
  return {
    edited: parts.flatMap(({ edited }) => edited),
    refused: parts.reduce((total, { refused }) => total + refused, 0),
    refusals: parts.flatMap(({ refusals }) => refusals).slice(0, MAX_REFUSALS),
  };
}
