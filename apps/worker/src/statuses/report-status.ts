import type { Connections } from '@sluice/config';
import type { Logger } from '@sluice/observability';
import type { Recorded, StatusReport } from '@sluice/queue';
import type { StatusMetrics } from '../metrics/statuses.ts';

/** Records statuses of events in log and metrics. */
export interface StatusReporter {
  /** @param now milliseconds since the epoch by Redis' clock */
  recordStatus(connection: string, report: StatusReport, recorded: Recorded, now: number): void;
  /** Records events whose status will not be known. */
  recordUnknown(connection: string, count: number): void;
  recordCall: StatusMetrics['recordCall'];
  /** Reports that the statuses of a bot's events cannot be read. */
  reportFailedRead(failure: {
    readonly bot: string;
    readonly connections: readonly string[];
    readonly reason: string;
  }): void;
}

export interface StatusReporterOptions {
  readonly logger: Logger;
  readonly metrics: StatusMetrics;
  readonly connections: () => Connections;
}

export function createStatusReporter({
  logger,
  metrics,
  connections,
}: StatusReporterOptions): StatusReporter {
  const labelsOf = (id: string) => {
    const connection = connections().get(id);
    return connection
      ? { connection: id, source: connection.source.name }
      : { connection: 'unknown', source: 'unknown' };
  };
  return {
    recordStatus(connection, { status, eventId, deliveryId, event, message, createdAt }, recorded, now) {
      if (recorded === 'known') return;
      const ms = Math.max(0, Math.round(now - createdAt));
      metrics.recordStatus({ ...labelsOf(connection), status }, ms / 1000);
      if (status === 'processed') return;
      const fields = { delivery: deliveryId, connection, event, eventId, status, message, ms };
      logger.error({ ...fields, isStored: recorded === 'dead' }, 'event.not_processed');
    },
    recordUnknown(connection, count) {
      metrics.recordUnknown(labelsOf(connection), count);
      logger.warn({ connection, count }, 'events.status_unknown');
    },
    recordCall: metrics.recordCall,
    reportFailedRead: (failure) => logger.warn(failure, 'statuses.read_failed'),
  };
}
