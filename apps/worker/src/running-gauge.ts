import { Gauge, type Registry } from '@sluice/observability';

/** Adds a gauge of whether this process takes deliveries, read when it is asked for. */
export function addRunningGauge(registry: Registry, isRunning: () => boolean): void {
  new Gauge({
    name: 'sluice_worker_running',
    help: '1 while this worker takes deliveries; 0 while its Redis is away',
    registers: [registry],
    collect() {
      this.set(isRunning() ? 1 : 0);
    },
  });
}
