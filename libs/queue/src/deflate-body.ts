import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Of an order the second level takes less time than the first, and less room. */
const LEVEL = 2;

/** Bytes that a body may have: more than any source lets in. */
const MAX_BODY = 64 * 1024 * 1024;

/** Deflates a body, to a text that needs no escapes in JSON. */
export function deflateBody(body: string): string {
  return deflateRawSync(body, { level: LEVEL }).toString('base64');
}

/** The body again; undefined if it is none that was deflated. */
export function inflateBody(deflated: string): string | undefined {
  try {
    return inflateRawSync(Buffer.from(deflated, 'base64'), { maxOutputLength: MAX_BODY }).toString('utf8');
  } catch {
    return undefined;
  }
}
