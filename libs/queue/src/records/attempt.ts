import { z } from 'zod';
import type { DeadReason, UpstreamError } from './outcome.ts';
import { parseOrUndefined } from './parse-json.ts';

/** The note of an attempt that created no event, or one that its bot failed or ignored, stored with its delivery. */
export interface AttemptNote extends UpstreamError {
  /** When the worker fetched the delivery, in milliseconds since the epoch. */
  readonly at: number;
  /** Duration in milliseconds. */
  readonly ms: number;
  /** `retry`, or the reason for which the delivery is dead. */
  readonly outcome: 'retry' | DeadReason;
  readonly message: string;
}

const note = z.object({
  at: z.number(),
  ms: z.number(),
  outcome: z.string(),
  message: z.string(),
  status: z.number().optional(),
  type: z.string().optional(),
  errorId: z.string().optional(),
});

/** Most characters of a message: Botpress' may be long, and a delivery has about 20 attempts. */
const MAX_MESSAGE = 200;

/**
 * Writes the note of an attempt. BullMQ stores it in place of an error's stack, in the script that ends the attempt, so
 * it costs no command.
 */
export function writeAttemptNote({ message, ...rest }: AttemptNote): string {
  return JSON.stringify({ ...rest, message: message.slice(0, MAX_MESSAGE) });
}

/**
 * Adds a note to those of a job, for an attempt whose event the bot failed or ignored later.
 *
 * @param stored BullMQ's field, JSON
 */
export function addNote(stored: string | null | undefined, added: AttemptNote): string {
  const notes = parseOrUndefined(stored ?? '');
  return JSON.stringify([...(Array.isArray(notes) ? notes : []), writeAttemptNote(added)]);
}

/** Reads the notes of a job, oldest first. Stacks of unexpected errors are left out. */
export function readAttemptNotes(stacktrace: readonly string[] | null): readonly AttemptNote[] {
  return (stacktrace ?? []).flatMap((text) => {
    const read = note.safeParse(parseOrUndefined(text));
    return read.success ? [read.data as AttemptNote] : [];
  });
}
