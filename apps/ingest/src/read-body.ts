import type { IncomingMessage } from 'node:http';
import type { Place } from './in-flight.ts';

export type BodyReading =
  | { readonly kind: 'read'; readonly body: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'no_room' }
  /** The sender went away; there is nobody to answer. */
  | { readonly kind: 'aborted' };

/**
 * Reads the raw bytes of a request, and stops at the first byte past the limit, with or without a length, or
 * when its room is needed for smaller bodies.
 */
export function readBody(request: IncomingMessage, limit: number, place: Place): Promise<BodyReading> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.resolve({ kind: 'too_large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (reading: BodyReading) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      request.pause();
      resolve(reading);
    };
    const giveWay = () => stop({ kind: 'no_room' });
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) return stop({ kind: 'too_large' });
      if (!place.take(chunk.length, giveWay)) return stop({ kind: 'no_room' });
      chunks.push(chunk);
    };
    const onEnd = () =>
      stop({ kind: 'read', body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size) });
    const onClose = () => stop({ kind: 'aborted' });
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}
