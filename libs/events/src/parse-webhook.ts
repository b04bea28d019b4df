import { isUtf8 } from 'node:buffer';
import type { ParsedWebhook } from './define-source.ts';
import type { VerifiedWebhook } from './webhook.ts';

export type Parsing =
  | { readonly ok: true; readonly parsed: ParsedWebhook }
  | { readonly ok: false; readonly detail: string };

/** Real payloads nest below 20; JSON.parse overflows the stack only past some 10,000, mappers sooner. */
const MAX_DEPTH = 100;

/** Decodes (strict UTF-8) and parses (JSON) the body of a verified webhook, once. */
export function parseWebhook(webhook: VerifiedWebhook): Parsing {
  if (!isUtf8(webhook.body)) return { ok: false, detail: 'the body is not valid UTF-8' };
  const text = webhook.body.toString('utf8');
  if (isNestedDeeperThan(MAX_DEPTH, webhook.body)) {
    return { ok: false, detail: `the body is nested deeper than ${MAX_DEPTH} levels` };
  }
  try {
    return { ok: true, parsed: { webhook, text, json: JSON.parse(text) } };
  } catch {
    // The parser's message quotes the body, so it is not passed on.
    return { ok: false, detail: 'the body is not valid JSON' };
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Counts brackets outside strings, before anything recursive sees the text. */
function isNestedDeeperThan(limit: number, json: Buffer): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index];
    if (inString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > limit) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}
