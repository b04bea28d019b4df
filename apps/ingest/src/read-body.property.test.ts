import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InFlight } from './in-flight.ts';
import { readBody } from './read-body.ts';

const LIMIT = 1_000;

/** Cuts bytes at places. */
function split(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

/** A request whose body comes in these pieces. */
function requestOf(pieces: readonly Buffer[], headers: Record<string, string> = {}): IncomingMessage {
  const stream = Readable.from(
    pieces.filter((piece) => piece.length > 0),
    { objectMode: false },
  );
  return Object.assign(stream, { headers }) as unknown as IncomingMessage;
}

const anySplit = fc.array(fc.nat(), { maxLength: 20 });

async function read(pieces: readonly Buffer[], headers?: Record<string, string>) {
  const inFlight = new InFlight(10, 2 * LIMIT);
  const place = inFlight.enter();
  if (!place) throw new Error('no place');
  const reading = await readBody(requestOf(pieces, headers), LIMIT, place);
  place.leave();
  // All of it has been given back.
  expect(inFlight.enter()?.take(2 * LIMIT, () => {})).toBe(true);
  return reading;
}

test('any split of the stream gives the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: LIMIT }), anySplit, async (array, places) => {
      const bytes = Buffer.from(array);
      expect(await read(split(bytes, places))).toEqual({ kind: 'read', body: bytes });
    }),
  );
});

test('a body past the limit is too large however it is split, and whether or not its length is told', async () => {
  // By one byte in half of the tries, for that is where a mistake would be.
  const byOne = fc.uint8Array({ minLength: LIMIT + 1, maxLength: LIMIT + 1 });
  const tooLong = fc.oneof(byOne, fc.uint8Array({ minLength: LIMIT + 1, maxLength: 2 * LIMIT }));
  await fc.assert(
    fc.asyncProperty(tooLong, anySplit, fc.boolean(), async (array, places, told) => {
      const bytes = Buffer.from(array);
      const headers: Record<string, string> = told ? { 'content-length': String(bytes.length) } : {};
      expect(await read(split(bytes, places), headers)).toEqual({ kind: 'too_large' });
    }),
  );
});
