import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Response } from 'express';
import { Problem } from '../http/problem.ts';

/** Media type of newline-delimited JSON. */
export const NDJSON = 'application/x-ndjson';

const NEWLINE = 0x0a;

/**
 * Reads a body line by line. Only the incomplete line is kept in memory.
 *
 * @param limit bytes of a line
 * @throws Problem `too_large`, or `invalid_request` if a line is not UTF-8 or the body is incomplete. The body stays
 * open, so that the client can receive the response.
 */
export async function* readLines(body: Readable, limit: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let size = 0;
  let number = 1;
  for await (let rest of chunksOf(body)) {
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      yield decode([...parts, rest.subarray(0, end)], number++);
      [parts, size, rest] = [[], 0, rest.subarray(end + 1)];
    }
    parts.push(rest);
    size += rest.length;
    if (size > limit) throw new Problem('too_large', `Line ${number} has more than ${limit} bytes.`);
  }
  if (size > 0) yield decode(parts, number);
}

async function* chunksOf(body: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const data of body.iterator({ destroyOnReturn: false })) yield Buffer.from(data as Uint8Array);
  } catch {
    throw new Problem('invalid_request', 'The body is incomplete. Send it again.');
  } finally {
    // An unread rest would precede the next request of the connection.
    body.resume();
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function decode(parts: readonly Buffer[], number: number): string {
  try {
    return UTF8.decode(Buffer.concat(parts)).trimEnd();
  } catch {
    throw new Problem('invalid_request', `Line ${number} is not valid UTF-8.`);
  }
}

/**
 * Sends values as NDJSON, at the pace of the reader. An error before the first value is thrown. A later one also closes
 * the connection, because the status is sent already.
 */
export async function sendLines(response: Response, values: AsyncIterable<unknown>): Promise<void> {
  const iterator = values[Symbol.asyncIterator]();
  let next = await iterator.next();
  response.status(200).type(NDJSON);
  while (!next.done && !response.destroyed) {
    if (!response.write(`${JSON.stringify(next.value)}\n`)) await drained(response);
    next = await iterator.next();
  }
  await iterator.return?.();
  response.end();
}

/** Resolves when the response accepts more data or is closed. */
async function drained(response: Response): Promise<void> {
  const over = new AbortController();
  const wait = (event: string) => once(response, event, { signal: over.signal }).catch(() => {});
  await Promise.race([wait('drain'), wait('close')]);
  over.abort();
}

/** An open response of server-sent events. */
export interface EventStream {
  /** Returns false, and closes the connection, if the reader is too slow. */
  write(text: string): boolean;
  end(): void;
  /** Aborts when the connection is closed. */
  readonly closed: AbortSignal;
}

/** Bytes buffered for a slow reader, at most. */
const MAX_BUFFERED = 256 * 1024;

/** Opens a stream and hands it to the sender, which ends it. */
export function sendEvents(response: Response, mediaType: string, send: (stream: EventStream) => void): void {
  const closing = new AbortController();
  response.once('close', () => closing.abort());
  // Writes to a closed connection fail. That is expected.
  response.on('error', () => closing.abort());
  response.status(200).type(mediaType);
  response.flushHeaders();
  send({
    closed: closing.signal,
    write: (text) => {
      if (response.writableEnded || response.destroyed) return false;
      response.write(text);
      if (response.writableLength <= MAX_BUFFERED) return true;
      response.destroy();
      return false;
    },
    end: () => void response.end(),
  });
}
