import type { Connections } from '@sluice/config';
import { createGauge, type Registry } from '@sluice/observability';
import type { HeldConnection, Scheduler } from '@sluice/queue';

/** What the gauge says of a connection. */
const STATE = { active: 0, refusals: 1, operator: 2 } as const;

/** Adds gauges of each configured connection, its state and its limit, read when they are asked for. */
export function addConnectionMetrics(
  registry: Registry,
  gate: Pick<Scheduler, 'heldConnections'>,
  connections: () => Connections,
): void {
  createGauge(registry, 'sluice_connection_state', async (gauge) => {
    const holds = await gate.heldConnections().catch((): readonly HeldConnection[] | undefined => undefined);
    if (!holds) return;
    const held = new Map(holds.map(({ connection, by }) => [connection, STATE[by]]));
    gauge.reset();
    for (const { id } of connections().all()) gauge.set({ connection: id }, held.get(id) ?? STATE.active);
  });
  createGauge(registry, 'sluice_connection_limit_events_per_minute', (gauge) => {
    gauge.reset();
    for (const { id, source, botpress, limits } of connections().all()) {
      gauge.set({ connection: id, source: source.name, bot: botpress.botId }, limits.eventsPerMinute);
    }
  });
}
