import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';

/**
 * Stops listening and resolves when every request that had begun is answered.
 * Senders keep their connections alive: each is told, with its last answer, to open a new one elsewhere.
 */
export async function closeServer(server: Server): Promise<void> {
  server.prependListener('request', (_request, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
}
