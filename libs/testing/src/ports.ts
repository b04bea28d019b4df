import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { isErrno } from './is-errno.ts';

/** Returns a free port of 127.0.0.1. */
export async function freePort(): Promise<number> {
  return await listenOnce(0);
}

/** Throws a PortBusyError if the port of 127.0.0.1 is in use. */
export async function assertPortIsFree(port: number): Promise<void> {
  try {
    await listenOnce(port);
  } catch (error) {
    if (!isErrno(error, 'EADDRINUSE')) throw error;
    throw new PortBusyError(port);
  }
}

async function listenOnce(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: got } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return got;
}

/** The port of 127.0.0.1 is in use. */
export class PortBusyError extends Error {
  override readonly name = 'PortBusyError';

  constructor(port: number) {
    super(
      `Port ${port} is in use. Stop the process that listens on 127.0.0.1:${port}, or choose another port.`,
    );
  }
}
