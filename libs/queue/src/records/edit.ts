import { z } from 'zod';
import { jsonPatch } from '../dead-letters/apply-change.ts';
import { parseOrUndefined } from './parse-json.ts';

/** An edit of a delivery, as it is kept with it. */
const editNote = z.object({
  who: z.string(),
  reason: z.string(),
  /** Milliseconds since the epoch. */
  at: z.number(),
  /** The patch; or that the whole body was replaced. */
  change: z.union([jsonPatch, z.literal('body')]),
});

export type EditNote = z.output<typeof editNote>;

/** Writes an edit down, on one line. */
export function writeEditNote(note: EditNote): string {
  return JSON.stringify(note);
}

/** Reads the edits of a delivery, the oldest first. */
export function readEditNotes(lines: string | null | undefined): readonly EditNote[] {
  return (lines ?? '').split('\n').flatMap((line) => {
    const read = editNote.safeParse(parseOrUndefined(line));
    return read.success ? [read.data] : [];
  });
}
