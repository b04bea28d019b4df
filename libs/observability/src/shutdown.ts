import { stackFrames } from './frames-of.ts';
import type { Logger } from './logger.ts';

export interface ShutdownOptions {
  readonly logger: Logger;
  /** Milliseconds that draining may take before the process ends hard, with exit code 1. */
  readonly deadline: number;
  /** Finishes what was begun. */
  readonly drain: () => Promise<void>;
}

/**
 * Ends the process on SIGTERM or SIGINT: drained within the deadline, at once on a second signal.
 * The deadline is hard because closing BullMQ hangs for ever when Redis is away (measured).
 *
 * What nobody has caught ends it as well, as Node would; but it is told in the log, as one line, without the message.
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
