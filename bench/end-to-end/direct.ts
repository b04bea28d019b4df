import { startServer } from '../start-server.ts';
import type { Contestant } from './contestant.ts';
import type { DirectOrders } from './direct-server.ts';

/** A handler that creates the event within the request. */
function direct(title: string, onError: DirectOrders['onError']): Contestant {
  return {
    title,
    async start({ apiUrl }) {
      const orders: DirectOrders = { apiUrl, onError };
      const server = await startServer('end-to-end/direct-server.ts', [JSON.stringify(orders)]);
      return {
        ...{ port: server.port, defers: false, processes: { server: server.pid } },
        stop: async () => server.end(),
      };
    },
  };
}

export const directAnswering500 = direct('direct handler', 'answer 500');
export const directSwallowing = direct('direct handler that swallows errors', 'swallow');
