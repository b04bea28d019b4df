import type { IncomingMessage } from 'node:http';

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'too large' }
  | { readonly kind: 'broken off' };

/** Past so many times the limit nobody is waiting for a polite answer. */
const DRAIN_FACTOR = 16;

/**
 * Reads a request's body and calls `done` once.
 *
 * A body over `limit` bytes is read to its end without being kept, because a client that is still sending
 * would see a reset instead of the answer; past 16 times the limit the connection is cut.
 */
export function readBody(request: IncomingMessage, limit: number, done: (body: Body) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let finished = false;
  const finish = (body: Body) => {
    if (finished) return;
    finished = true;
    done(body);
  };
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else if (size > limit * DRAIN_FACTOR) request.destroy();
  });
  request.once('end', () => {
    if (size > limit) return finish({ kind: 'too large' });
    const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
    finish({ kind: 'whole', bytes });
  });
  request.once('error', () => finish({ kind: 'broken off' }));
  request.once('close', () => finish({ kind: 'broken off' }));
}
