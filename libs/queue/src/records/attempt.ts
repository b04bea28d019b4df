import { z } from 'zod';
import type { DeadReason, UpstreamError } from './outcome.ts';
import { parseOrUndefined } from './parse-json.ts';

/** How an attempt ended that brought no event, kept with its delivery for whoever asks why. */
export interface AttemptNote extends UpstreamError {
  /** When the delivery was taken, in milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds that it took. */
  readonly ms: number;
  /** `retry`, or what it died of. */
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

/** Of a message: Botpress' may be long, and a delivery has some 20 attempts. */
const MAX_MESSAGE = 200;

/**
 * Writes the note of an attempt. It goes where BullMQ stores the stack of an error, which ours have none of: in the
 * same script as the attempt's end, so that it costs no command.
 */
export function writeAttemptNote({ message, ...rest }: AttemptNote): string {
  return JSON.stringify({ ...rest, message: message.slice(0, MAX_MESSAGE) });
}

/** Reads the notes of a job, the oldest first; passes over what is no note, as of an error that nobody foresaw. */
export function readAttemptNotes(stacktrace: readonly string[] | null): readonly AttemptNote[] {
  return (stacktrace ?? []).flatMap((text) => {
    const read = note.safeParse(parseOrUndefined(text));
    return read.success ? [read.data as AttemptNote] : [];
  });
}
