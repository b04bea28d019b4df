import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { InFlightSlot } from './in-flight.ts';

/**
 * Checks that the end of the body is unambiguous. Node.js rejects conflicting framing (two lengths, a length and
 * chunks, bare line feeds), but accepts codings that it does not decode, and chunks in HTTP/1.0, which a proxy may
 * read differently (https://www.rfc-editor.org/rfc/rfc9112#section-6.1).
 *
 * @returns the problem, or undefined
 */
export function checkFraming(
  request: Pick<IncomingMessage, 'headers' | 'httpVersionMajor' | 'httpVersionMinor'>,
): string | undefined {
  const coding = request.headers['transfer-encoding'];
  if (request.httpVersionMajor !== 1) return 'Unsupported HTTP version. Use HTTP/1.1.';
  if (coding === undefined) return undefined;
  if (request.httpVersionMinor === 0) return 'HTTP/1.0 has no Transfer-Encoding. Send Content-Length.';
  return coding.toLowerCase() === 'chunked' ? undefined : 'Transfer-Encoding must be chunked.';
}

/**
 * Checks the media type before reading the body. Compressed bodies are rejected: no platform sends them, and a small
 * one can inflate to gigabytes. The charset is not checked: the body must be UTF-8 in any case.
 *
 * @returns the problem, or undefined
 */
export function checkMediaType(headers: IncomingHttpHeaders): string | undefined {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return 'Content-Encoding is not supported. Send the body uncompressed.';
  }
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json' || (type?.startsWith('application/') && type.endsWith('+json')))
    return undefined;
  return 'Content-Type must be application/json.';
}

export type BodyReading =
  | { readonly kind: 'read'; readonly body: Buffer }
  | { readonly kind: 'too_large' }
  /** The limit of bytes in flight is exceeded. */
  | { readonly kind: 'no_room' }
  /** The sender disconnected, so no response is possible. */
  | { readonly kind: 'aborted' };

/**
 * Reads the raw body of a request. Stops at the first byte past the limit, with or without a Content-Length, or when
 * smaller bodies need its bytes.
 */
export function readBody(request: IncomingMessage, limit: number, slot: InFlightSlot): Promise<BodyReading> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.resolve({ kind: 'too_large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (reading: BodyReading) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      request.pause();
      resolve(reading);
    };
    const onEvict = () => stop({ kind: 'no_room' });
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) return stop({ kind: 'too_large' });
      if (!slot.reserve(chunk.length, onEvict)) return stop({ kind: 'no_room' });
      chunks.push(chunk);
    };
    const onEnd = () =>
      stop({ kind: 'read', body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size) });
    const onClose = () => stop({ kind: 'aborted' });
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}
