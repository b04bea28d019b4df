import type { Connections } from '@sluice/config';
import { Gauge, type Registry } from '@sluice/observability';
import type { Gate, Hold } from '@sluice/queue';

/** What the gauge says of a connection. */
const STATE = { active: 0, refusals: 1, operator: 2 } as const;

/** Adds a gauge of each configured connection's state, read when it is asked for. */
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
}
