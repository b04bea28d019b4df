import type { IncomingHttpHeaders } from 'node:http';

/**
 * Checks the kind of body before a byte of it is read.
 *
 * @returns what is wrong, or undefined. Compressed bodies are refused: no platform sends them, and a small
 * one can inflate to gigabytes. Charsets are not looked at: the bytes must be UTF-8 whatever they are called.
 */
export function checkMedia(headers: IncomingHttpHeaders): string | undefined {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return 'Content-Encoding is not supported: send the body as it is';
  }
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json' || (type?.startsWith('application/') && type.endsWith('+json')))
    return undefined;
  return 'Content-Type must be application/json';
}
