import { isUtf8 } from 'node:buffer';

/** One HTTP request from a platform, not yet verified. */
export interface UnverifiedWebhook {
  /** Names in lower case. Node's rules join a header that is sent more than once. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The exact bytes received. Signatures cover these bytes, never a parsed form. */
  readonly body: Buffer;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

declare const verified: unique symbol;

/** A webhook whose sender proved that it knows a secret of the connection. Only `verifyWebhook` makes one. */
export interface VerifiedWebhook extends UnverifiedWebhook {
  readonly [verified]: true;
}

/** A verified webhook with its body decoded and parsed. */
export interface ParsedWebhook {
  readonly webhook: VerifiedWebhook;
  readonly text: string;
  readonly json: unknown;
}

export type ParseResult =
  | { readonly ok: true; readonly parsed: ParsedWebhook }
  | { readonly ok: false; readonly detail: string };

/**
 * Decodes (strict UTF-8) and parses (JSON) the body of a verified webhook.
 *
 * @returns the parsed webhook, or a `detail` that quotes nothing of the body
 */
export function parseWebhook(webhook: VerifiedWebhook): ParseResult {
  const result = readBody(webhook.body);
  return result.ok ? { ok: true, parsed: { webhook, text: result.text, json: result.json } } : result;
}

export type ReadBodyResult =
  | { readonly ok: true; readonly text: string; readonly json: unknown }
  | { readonly ok: false; readonly detail: string };

/**
 * Real payloads nest fewer than 20 levels. JSON.parse overflows the stack past about 10,000, mappers sooner.
 */
const MAX_DEPTH = 100;

/** Decodes and parses a body by the same rules before it is verified. `detail` quotes nothing of the body. */
export function readBody(body: Buffer): ReadBodyResult {
  if (!isUtf8(body)) return { ok: false, detail: 'the body is not valid UTF-8' };
  const text = body.toString('utf8');
  if (isNestedDeeperThan(MAX_DEPTH, body)) {
    return { ok: false, detail: `the body is nested deeper than ${MAX_DEPTH} levels` };
  }
  try {
    return { ok: true, text, json: JSON.parse(text) };
  } catch {
    // The parser's message quotes the body.
    return { ok: false, detail: 'the body is not valid JSON' };
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Counts brackets outside of strings, before any recursive code reads the text. */
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
