import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server of 127.0.0.1 that can fail as networks do. */
export interface TcpProxy {
  readonly port: number;
  /** Connections made from now on lead to this port. */
  retarget(port: number): void;
  /**
   * Swallows whatever is sent from now on, in both directions, over open connections and new ones, as a
   * firewall does that drops: nobody is told anything.
   */
  blackHole(): void;
  /** New connections get through again. Those of before stay half-open: nothing comes of them, not even an end. */
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
    // A dead way tells neither end about the other; `stop` clears it away.
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

/** Leads what one end sends to the other, as long as the way is not dead. Without a server it never is alive. */
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
