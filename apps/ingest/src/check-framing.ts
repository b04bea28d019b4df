import type { IncomingMessage } from 'node:http';

/**
 * Checks that there is one way only to tell where the body ends. Node's parser refuses what is in doubt (two
 * lengths, a length and chunks, bare line feeds), but takes codings that it does not decode, and chunks of
 * HTTP/1.0, which has none: a proxy in front may read either another way
 * (https://www.rfc-editor.org/rfc/rfc9112#section-6.1).
 *
 * @returns what is wrong, or undefined
 */
export function checkFraming(
  request: Pick<IncomingMessage, 'headers' | 'httpVersionMajor' | 'httpVersionMinor'>,
): string | undefined {
  const coding = request.headers['transfer-encoding'];
  if (request.httpVersionMajor !== 1) return 'this is not HTTP/1.1';
  if (coding === undefined) return undefined;
  if (request.httpVersionMinor === 0) return 'HTTP/1.0 has no Transfer-Encoding';
  return coding.toLowerCase() === 'chunked' ? undefined : 'Transfer-Encoding must be chunked';
}
