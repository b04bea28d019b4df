import { z } from 'zod';
import { parseOrUndefined } from './parse-json.ts';

/** JSON Pointer, RFC 6901: empty for the whole document, else a slash before each part. */
const pointer = z.string().regex(/^(\/.*)?$/s, 'Expected a JSON Pointer, for example /customer/email.');

/** A JSON Patch, RFC 6902. */
export const jsonPatch = z
  .array(
    z.discriminatedUnion('op', [
      z.strictObject({
        op: z.enum(['add', 'replace', 'test']),
        path: pointer,
        value: z.json().register(z.globalRegistry, { id: 'JsonValue', description: 'Any JSON value.' }),
      }),
      z.strictObject({ op: z.literal('remove'), path: pointer }),
      z.strictObject({ op: z.enum(['move', 'copy']), from: pointer, path: pointer }),
    ]),
  )
  .min(1)
  .max(1_000);

export type JsonPatch = z.output<typeof jsonPatch>;

/** An edit of a delivery, stored with it. */
const editNote = z.object({
  who: z.string(),
  reason: z.string(),
  /** Milliseconds since the epoch. */
  at: z.number(),
  /** The patch, or `body` if the whole body was replaced. */
  change: z.union([jsonPatch, z.literal('body')]),
});

export type EditNote = z.output<typeof editNote>;

/** Writes an edit as one line. */
export function writeEditNote(note: EditNote): string {
  return JSON.stringify(note);
}

/** Reads the edits of a delivery, oldest first. */
export function readEditNotes(lines: string | null | undefined): readonly EditNote[] {
  return (lines ?? '').split('\n').flatMap((line) => {
    const read = editNote.safeParse(parseOrUndefined(line));
    return read.success ? [read.data] : [];
  });
}
