import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Response } from 'express';
import { Problem } from '../problem.ts';

/** JSON, a value a line. */
export const NDJSON = 'application/x-ndjson';

const NEWLINE = 0x0a;

/**
 * Reads a body line by line; only what is not yet a whole line is kept.
 *
 * @param limit bytes of a line
 * @throws Problem `too_large`, or `invalid_request` if a line is not UTF-8 or the body is cut; it stays open, so that who
 * sends it can be answered
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
    if (size > limit) throw new Problem('too_large', `line ${number} has more than ${limit} bytes`);
  }
  if (size > 0) yield decode(parts, number);
}

async function* chunksOf(body: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const data of body.iterator({ destroyOnReturn: false })) yield Buffer.from(data as Uint8Array);
  } catch {
    throw new Problem('invalid_request', 'the body did not come whole  — it may be sent again');
  } finally {
    // What nobody wants any more is read away, else it would stand before the next request of the connection.
    body.resume();
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function decode(parts: readonly Buffer[], number: number): string {
  try {
    return UTF8.decode(Buffer.concat(parts)).trimEnd();
  } catch {
    throw new Problem('invalid_request', `line ${number} is not UTF-8`);
  }
}

/**
 * Writes values, one a line, as fast as they are read. What fails before the first is thrown; later there is a status
 * already, so the answer is cut off, which its reader sees.
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

/** Resolves when more may be written, or nobody reads any more. */
async function drained(response: Response): Promise<void> {
  const over = new AbortController();
  const wait = (event: string) => once(response, event, { signal: over.signal }).catch(() => {});
  await Promise.race([wait('drain'), wait('close')]);
  over.abort();
}
