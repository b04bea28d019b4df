import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ListenAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** The environment variable that sets the port; named in the error. */
  readonly variable: string;
}

/**
 * Starts listening.
 *
 * @returns the address as a URL
 * @throws an Error whose message is one line with the remedy, when the port is busy or not allowed
 */
export async function listen(server: Server, { host, port, variable }: ListenAddress): Promise<string> {
  server.listen({ port, host });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Error(explain(error as NodeJS.ErrnoException, host, port, variable));
  }
  const { port: chosen } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`;
}

function explain(error: NodeJS.ErrnoException, host: string, port: number, variable: string): string {
  if (error.code === 'EADDRINUSE') {
    return `port ${port} is busy: another program listens on ${host}:${port}; stop it or set ${variable}`;
  }
  if (error.code === 'EACCES')
    return `port ${port} is not allowed for this user; set ${variable} to 1024 or more`;
  return `cannot listen on ${host}:${port}: ${error.message}; set ${variable}`;
}
