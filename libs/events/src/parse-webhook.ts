import { isUtf8 } from 'node:buffer';
import type { ParsedWebhook } from './define-source.ts';
import type { VerifiedWebhook } from './webhook.ts';

export type ParseResult =
  | { readonly ok: true; readonly parsed: ParsedWebhook }
  | { readonly ok: false; readonly detail: string };

/** Real payloads nest below 20; JSON.parse overflows the stack only past some 10,000, mappers sooner. */
const MAX_DEPTH = 100;

/** Decodes (strict UTF-8) and parses (JSON) the body of a verified webhook, once. */
export function parseWebhook(webhook: VerifiedWebhook): ParseResult {
  const reading = readBody(webhook.body);
  return reading.ok ? { ok: true, parsed: { webhook, text: reading.text, json: reading.json } } : reading;
}

export type ReadBodyResult =
  | { readonly ok: true; readonly text: string; readonly json: unknown }
  | { readonly ok: false; readonly detail: string };

/** The same for a body of which nothing is proved yet. `detail` quotes nothing of it. */
export function readBody(body: Buffer): ReadBodyResult {
  if (!isUtf8(body)) return { ok: false, detail: 'the body is not valid UTF-8' };
  const text = body.toString('utf8');
  if (isNestedDeeperThan(MAX_DEPTH, body)) {
    return { ok: false, detail: `the body is nested deeper than ${MAX_DEPTH} levels` };
  }
  try {
    return { ok: true, text, json: JSON.parse(text) };
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
