import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy to a server on 127.0.0.1 that simulates network failures. */
export interface TcpProxy {
  readonly port: number;
  /** Connects new connections to this port. */
  retarget(port: number): void;
  /**
   * Drops all data from now on, in both directions, on open and new connections, like a firewall that drops
   * packets silently.
   */
  blackHole(): void;
  /** Connects new connections again. Earlier ones stay half-open: they get no data and no end. */
  restore(): void;
  /** Ends all connections with a reset. */
  reset(): void;
  stop(): Promise<void>;
}

interface Link {
  readonly ends: readonly Socket[];
  dead: boolean;
}

/** Starts a proxy on a free port that leads to `port`. */
export async function startTcpProxy(port: number): Promise<TcpProxy> {
  const ways = new Set<Link>();
  let aim = port;
  let swallows = false;
  const server = createServer((client) => {
    const way = join(client, swallows ? undefined : connect(aim, '127.0.0.1'));
    ways.add(way);
    for (const end of way.ends) end.once('close', () => endLink(way));
  });
  const endLink = (way: Link) => {
    // A dead link does not close its other end; `stop` destroys it.
    if (way.dead) return;
    ways.delete(way);
    for (const end of way.ends) end.destroy();
  };
  const resetAll = () => {
    for (const { ends } of ways) for (const end of ends) end.resetAndDestroy();
    ways.clear();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    retarget: (next) => {
      aim = next;
    },
    blackHole: () => {
      swallows = true;
      for (const way of ways) way.dead = true;
    },
    restore: () => {
      swallows = false;
    },
    reset: resetAll,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      resetAll();
      await closed;
    },
  };
}

/** Forwards data between both ends until the link is dead. A link without a server is dead from the start. */
function join(client: Socket, server: Socket | undefined): Link {
  const way: Link = { ends: server ? [client, server] : [client], dead: server === undefined };
  const lead = (from: Socket, to: Socket | undefined) => {
    from.setNoDelay(true);
    from.on('data', (data) => {
      if (!way.dead) to?.write(data);
    });
    from.on('end', () => {
      if (!way.dead) to?.end();
    });
    from.on('error', () => {});
  };
  lead(client, server);
  if (server) lead(server, client);
  return way;
}
