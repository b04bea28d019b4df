import type { ServerResponse } from 'node:http';

/** Of what still comes: more than any platform sends, and what a local network carries in that time. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_MS = 5_000;

/**
 * Sends the body of an answer while the request's own is still coming in, and closes the connection after it.
 *
 * What comes is thrown away until its end, up to 16 MiB and 5 s. A connection that is closed with bytes
 * unread ends in a reset, and that takes the answer from a sender that writes all before it reads.
 */
export function answerBeforeTheEnd(response: ServerResponse, content: string): void {
  const { req: request } = response;
  let left = MAX_BYTES;
  const end = () => {
    clearTimeout(timer);
    request.off('data', discard).off('end', end).off('close', end).off('error', end);
    response.end();
  };
  const discard = (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) end();
  };
  const timer = setTimeout(end, MAX_MS);
  response.write(content);
  request.on('data', discard).on('end', end).on('close', end).on('error', end);
  request.resume();
}
