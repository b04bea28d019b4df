import type { Response } from 'express';
import type { StreamSender } from './operation.ts';

/** Bytes that may wait for a reader who does not keep up. */
const MAX_WAITING = 256 * 1024;

/** Lets a sender write an answer, until it ends it or nobody reads any more. */
export function sendStream(response: Response, mediaType: string, send: StreamSender): void {
  const closing = new AbortController();
  response.once('close', () => closing.abort());
  // What fails when the reader has gone is no news.
  response.on('error', () => closing.abort());
  response.status(200).type(mediaType);
  response.flushHeaders();
  send({
    closed: closing.signal,
    write: (text) => {
      if (response.writableEnded || response.destroyed) return false;
      response.write(text);
      if (response.writableLength <= MAX_WAITING) return true;
      response.destroy();
      return false;
    },
    end: () => void response.end(),
  });
}
