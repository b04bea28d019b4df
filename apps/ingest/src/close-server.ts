import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';

/**
 * Lets a server be closed without cutting anybody off. Call it before the server listens.
 *
 * @returns stops listening, and resolves when every request that had begun is answered. Senders keep their
 * connections alive: each is told, with its last answer, to open a new one elsewhere. Node itself tells
 * those that had sent a request already nothing, and waits 5 s for each to go (measured).
 */
export function closable(server: Server): () => Promise<void> {
  const unanswered = new Set<ServerResponse>();
  let isClosing = false;
  server.prependListener('request', (_request, response: ServerResponse) => {
    if (isClosing) response.shouldKeepAlive = false;
    unanswered.add(response);
    response.once('close', () => {
      unanswered.delete(response);
      // Whose answer had begun before could not be told.
      if (isClosing && unanswered.size === 0) server.closeIdleConnections();
    });
  });
  return async () => {
    isClosing = true;
    for (const response of unanswered) response.shouldKeepAlive = false;
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    await closed;
  };
}
