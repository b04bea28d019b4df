import { z } from 'zod';
import { bodyPath, valueAtPath } from '../../body-path.ts';
import type { UnverifiedWebhook } from '../../webhook.ts';

/** A header as settings name it, in lower case from here on. */
export const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'is not the name of a header')
  .transform((name) => name.toLowerCase());

/** Where the topic stands. A platform that says `issues` in a header and `opened` in the body has both. */
export const topicPlace = z
  .strictObject({ header: headerName.optional(), path: bodyPath.optional() })
  .refine(({ header, path }) => (header ?? path) !== undefined, 'names neither a header nor a path')
  .describe('where the topic stands: header, path (in the body), or both, which are joined by a dot');

/** Where the idempotency key stands. */
export const keyPlace = z
  .strictObject({ header: headerName.optional(), path: bodyPath.optional() })
  .refine(
    ({ header, path }) => (header === undefined) !== (path === undefined),
    'should name either a header or a path',
  )
  .describe(
    'where the id of what happened stands, the same when it is sent again: header, or path in the body',
  );

interface Place {
  readonly header?: string | undefined;
  readonly path?: string | undefined;
}

/** The texts at a place, header first; what is not there, empty or no text is left out. */
export function textsAt(
  { header, path }: Place,
  webhook: Pick<UnverifiedWebhook, 'headers'>,
  json: unknown,
): readonly string[] {
  const found = [
    header === undefined ? undefined : webhook.headers[header],
    path === undefined ? undefined : toText(valueAtPath(json, path)),
  ];
  return found.filter((text): text is string => text !== undefined && text !== '');
}

/** A number past 2^53 has been rounded: two ids could have become one, so it is as good as none. */
function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}
