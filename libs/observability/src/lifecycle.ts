import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Logger, stackFrames } from './logger.ts';

/** Runs the composition root of an app. A startup error is printed as one message and exits with code 1. */
export function runApp(name: string, main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}

export interface ListenAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Environment variable of the port, for the error message. */
  readonly variable: string;
}

/**
 * Starts listening and returns the URL.
 *
 * @throws Error with a one-line remedy if the port is in use or not allowed
 */
export async function listen(server: Server, { host, port, variable }: ListenAddress): Promise<string> {
  server.listen({ port, host });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Error(explain(error as NodeJS.ErrnoException, host, port, variable));
  }
  const { port: actualPort } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`;
}

function explain(error: NodeJS.ErrnoException, host: string, port: number, variable: string): string {
  if (error.code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is in use. Stop the other program or set ${variable}.`;
  }
  if (error.code === 'EACCES') {
    return `Port ${port} is not allowed for this user. Set ${variable} to 1024 or more.`;
  }
  return `Cannot listen on ${host}:${port} (${error.message}). Check the host and ${variable}.`;
}

export interface ShutdownOptions {
  readonly logger: Logger;
  /** Milliseconds allowed for draining. After that the process exits with code 1. */
  readonly deadline: number;
  /** Finishes the work in progress. */
  readonly drain: () => Promise<void>;
}

/**
 * Drains and exits on SIGTERM or SIGINT; a second signal exits immediately. The deadline is enforced because closing
 * BullMQ hangs forever while Redis is unavailable (measured).
 *
 * Uncaught errors exit with code 1, as in Node.js, but are logged as one line without their message.
 */
export function shutDownOnSignal({ logger, deadline, drain }: ShutdownOptions): void {
  let draining = false;
  const shutDown = (signal: NodeJS.Signals) => {
    if (draining) {
      logger.warn({ signal }, 'shutdown.forced');
      process.exit(1);
    }
    draining = true;
    logger.info({ signal, deadlineMs: deadline }, 'shutdown.started');
    setTimeout(() => {
      logger.error({ deadlineMs: deadline }, 'shutdown.timed_out');
      process.exit(1);
    }, deadline).unref();
    drain().then(
      () => {
        logger.info('shutdown.completed');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ error: nameOf(error), at: stackFrames(error) }, 'shutdown.failed');
        process.exit(1);
      },
    );
  };
  process.on('uncaughtException', (error) => {
    logger.fatal({ error: nameOf(error), at: stackFrames(error) }, 'process.crashed');
    process.exit(1);
  });
  process.on('SIGTERM', shutDown);
  process.on('SIGINT', shutDown);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
