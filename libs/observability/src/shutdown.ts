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
 */
export function shutDownOnSignal({ logger, deadline, drain }: ShutdownOptions): void {
  let draining = false;
  const shutDown = (signal: NodeJS.Signals) => {
    if (draining) {
      logger.warn({ signal }, 'second signal: stopping at once');
      process.exit(1);
    }
    draining = true;
    logger.info({ signal, deadlineMs: deadline }, 'draining');
    setTimeout(() => {
      logger.error({ deadlineMs: deadline }, 'not drained within the deadline: stopping hard');
      process.exit(1);
    }, deadline).unref();
    drain().then(
      () => {
        logger.info('drained');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ err: error }, 'draining failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', shutDown);
  process.on('SIGINT', shutDown);
}
