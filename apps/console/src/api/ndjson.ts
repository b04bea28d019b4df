import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Response } from 'express';
import { Problem } from '../problem.ts';

/** JSON, a value a line. */
export const NDJSON = 'application/x-ndjson';

const NEWLINE = 0x0a;

/**
 * Reads a body line by line, empty ones left out; only what is not yet a whole line is kept.
 *
 * @param limit bytes of a line
 */
export async function* readLines(body: Readable, limit: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const data of body) {
    let rest = Buffer.from(data as Uint8Array);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      const line = Buffer.concat([...parts, rest.subarray(0, end)])
        .toString('utf8')
        .trim();
      [parts, size, rest] = [[], 0, rest.subarray(end + 1)];
      if (line !== '') yield line;
    }
    parts.push(rest);
    size += rest.length;
    if (size > limit) throw new Problem('too_large', `a line has at most ${limit} bytes`);
  }
  const last = Buffer.concat(parts).toString('utf8').trim();
  if (last !== '') yield last;
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
