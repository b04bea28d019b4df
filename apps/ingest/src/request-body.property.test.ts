import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InFlight } from './in-flight.ts';
import { readBody } from './request-body.ts';

const LIMIT = 1_000;

/** Splits bytes at offsets. */
function split(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  const cuts = [
    0,
    ...offsets.map((offset) => offset % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

/** Creates a request whose body arrives in these chunks. */
function requestOf(chunks: readonly Buffer[], headers: Record<string, string> = {}): IncomingMessage {
  const stream = Readable.from(
    chunks.filter((chunk) => chunk.length > 0),
    { objectMode: false },
  );
  return Object.assign(stream, { headers }) as unknown as IncomingMessage;
}

const anySplit = fc.array(fc.nat(), { maxLength: 20 });

async function read(chunks: readonly Buffer[], headers?: Record<string, string>) {
  const inFlight = new InFlight(10, 2 * LIMIT);
  const slot = inFlight.admit();
  if (!slot) throw new Error('no slot');
  const reading = await readBody(requestOf(chunks, headers), LIMIT, slot);
  slot.release();
  // Everything is released.
  expect(inFlight.admit()?.reserve(2 * LIMIT, () => {})).toBe(true);
  return reading;
}

test('returns the same bytes for any split of the stream', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: LIMIT }), anySplit, async (array, offsets) => {
      const bytes = Buffer.from(array);
      expect(await read(split(bytes, offsets))).toEqual({ kind: 'read', body: bytes });
    }),
  );
});

test('rejects a body past the limit for any split, with or without Content-Length', async () => {
  // By one byte in half of the runs: off-by-one errors are the most likely.
  const byOne = fc.uint8Array({ minLength: LIMIT + 1, maxLength: LIMIT + 1 });
  const tooLong = fc.oneof(byOne, fc.uint8Array({ minLength: LIMIT + 1, maxLength: 2 * LIMIT }));
  await fc.assert(
    fc.asyncProperty(tooLong, anySplit, fc.boolean(), async (array, offsets, hasLength) => {
      const bytes = Buffer.from(array);
      const headers: Record<string, string> = hasLength ? { 'content-length': String(bytes.length) } : {};
      expect(await read(split(bytes, offsets), headers)).toEqual({ kind: 'too_large' });
    }),
  );
});
