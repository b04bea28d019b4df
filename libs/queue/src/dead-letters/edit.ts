import { createHash } from 'node:crypto';
import type { Delivery, Issue, PrepareResult } from '@sluice/events';
import type { TransitionContext } from '../bullmq/context.ts';
import { replaceBloomFilter } from '../records/bloom-filter.ts';
import { readDelivery, storeDelivery } from '../records/delivery.ts';
import { type EditNote, writeEditNote } from '../records/edit.ts';
import type { Operator } from '../scheduler/types.ts';
import { applyChange, type Change } from './apply-change.ts';
import type { OnProgress } from './discard.ts';
import type { DeadLetterFilter } from './filter.ts';
import { deadLetterPages } from './search.ts';

export type Edited =
  | { readonly ok: true; readonly delivery: Delivery }
  | { readonly ok: false; readonly why: string; readonly issues?: readonly Issue[] };

export interface EditRequest extends Operator {
  readonly change: Change;
  /** What today's mappers make of a delivery; what would die again is not stored. */
  readonly prepare: (delivery: Delivery) => PrepareResult;
  /** Looks only whether it could be done. */
  readonly dryRun?: boolean;
}

/** Bytes of an edited body, as of one that comes in. */
const MAX_BODY = 4 * 1024 * 1024;

/**
 * Edits the body of a dead letter. What it was before its first edit is kept beside it, with who did what, until the
 * delivery itself goes. It stays dead: replay it.
 */
export async function editDeadLetter(
  moving: TransitionContext,
  id: string,
  request: EditRequest,
): Promise<Edited> {
  const { redis, keyPrefix, backend, now } = moving;
  const fields = await redis.hmget(`${keyPrefix}${id}`, 'data', 'failedReason', 'sl:original');
  const [data, failedReason, original] = fields;
  if (typeof data !== 'string') return refuse(`there is no delivery ${id}`);
  const reading = readDelivery(id, JSON.parse(data));
  if (!reading.ok) return refuse(reading.why);
  const changed = applyChange(reading.delivery.body, request.change);
  if (!changed.ok) return refuse(changed.why);
  if (Buffer.byteLength(changed.body) > MAX_BODY) return refuse('the new body has more than 4 MiB');
  const delivery = { ...reading.delivery, body: changed.body };
  const prepared = request.prepare(delivery);
  if (prepared.kind === 'dead') {
    const why = `it would die again of ${prepared.reason}: ${prepared.message}`;
    return { ...refuse(why), ...(prepared.issues ? { issues: prepared.issues } : {}) };
  }
  if (request.dryRun) return { ok: true, delivery };
  const sha1 = createHash('sha1').update(data).digest('hex');
  const stored = JSON.stringify(storeDelivery(delivery));
  const note = writeEditNote(noteOf(request, now()));
  const first = typeof original === 'string' ? readDelivery(id, JSON.parse(original)) : reading;
  const searched = first.ok ? [delivery, first.delivery] : [delivery];
  const args = [id, sha1, stored, note, replaceBloomFilter(failedReason ?? '', ...searched)];
  switch (await backend.transition('edit', args)) {
    case 'edited':
      return { ok: true, delivery };
    case 'changed':
      return refuse('someone else has edited it meanwhile  — look at it again');
    default:
      return refuse('it is not dead (any more)');
  }
}

const refuse = (why: string) => ({ ok: false, why }) as const;

/** A full body is not told twice. */
function noteOf({ who, reason, change }: EditRequest, at: number): EditNote {
  return { who, reason, at, change: 'patch' in change ? change.patch : 'body' };
}

/** What became of an edit of many. */
export interface EditSummary {
  /** Ids of those that were edited, or could be. */
  readonly edited: readonly string[];
  readonly refused: number;
  /** Why the first of those were. */
  readonly refusals: readonly EditRejection[];
}

interface EditRejection {
  readonly id: string;
  readonly why: string;
  /** What does not fit in the changed body, if that is why. */
  readonly issues?: readonly Issue[];
}

/** Ids a round trip. */
const PAGE = 100;

const REFUSALS_TOLD = 10;

/**
 * Edits all dead letters that fit, one after the other, each as `editDeadLetter` does. It may be cut off and run again
 * if the change can be made twice.
 */
export async function editDeadLetters(
  moving: TransitionContext,
  filter: DeadLetterFilter,
  request: EditRequest,
  onProgress: OnProgress = () => {},
): Promise<EditSummary> {
  const edited: string[] = [];
  const refusals: EditRejection[] = [];
  let refused = 0;
  for await (const letters of deadLetterPages(moving, filter, { limit: PAGE, among: 'dead' })) {
    for (const { id } of letters) {
      const result = await editDeadLetter(moving, id, request);
      if (result.ok) {
        edited.push(id);
        continue;
      }
      refused++;
      const { why, issues } = result;
      if (refusals.length < REFUSALS_TOLD) refusals.push({ id, why, ...(issues ? { issues } : {}) });
    }
    onProgress(edited.length + refused);
  }
  return { edited, refused, refusals };
}

/** Puts what became of an edit in each shard together. */
export function mergeEdits(parts: readonly EditSummary[]): EditSummary {
  return {
    edited: parts.flatMap(({ edited }) => edited),
    refused: parts.reduce((total, { refused }) => total + refused, 0),
    refusals: parts.flatMap(({ refusals }) => refusals).slice(0, REFUSALS_TOLD),
  };
}
