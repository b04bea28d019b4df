import { createGauge, type Registry } from '@sluice/observability';

/** Adds a gauge of whether this process takes deliveries, read when it is asked for. */
export function addRunningGauge(registry: Registry, isRunning: () => boolean): void {
  createGauge(registry, 'sluice_worker_running', (gauge) => gauge.set(isRunning() ? 1 : 0));
}
