import type { Connections } from '@sluice/config';
import { Gauge, type Registry } from '@sluice/observability';
import type { Gate, Hold } from '@sluice/queue';

/** What the gauge says of a connection. */
const STATE = { active: 0, refusals: 1, operator: 2 } as const;

/** Adds gauges of each configured connection, its state and its limit, read when they are asked for. */
export function addConnectionMetrics(
  registry: Registry,
  gate: Pick<Gate, 'holds'>,
  connections: () => Connections,
): void {
  new Gauge({
    name: 'sluice_connection_state',
    help: 'State of a connection: 0 active, 1 held after refusals, 2 held by an operator',
    labelNames: ['connection'],
    registers: [registry],
    async collect() {
      const holds = await gate.holds().catch((): readonly Hold[] | undefined => undefined);
      if (!holds) return;
      const held = new Map(holds.map(({ connection, by }) => [connection, STATE[by]]));
      this.reset();
      for (const { id } of connections().all()) this.set({ connection: id }, held.get(id) ?? STATE.active);
    },
  });
  new Gauge({
    name: 'sluice_connection_limit_events_per_minute',
    help: 'Limit of the bot of a connection, which all connections to that bot share',
    labelNames: ['connection', 'source', 'bot'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { id, source, botpress, limits } of connections().all()) {
        this.set({ connection: id, source: source.name, bot: botpress.botId }, limits.eventsPerMinute);
      }
    },
  });
}
