import type { MetricDefinition } from './metric-definition.ts';

const WORKSPACE = 'workspace id; the API URL for bots without one';

/** Metrics of Botpress workspaces, a part of the catalogue. */
export const WORKSPACE_METRICS = {
  sluice_workspace_events: {
    type: 'gauge',
    app: 'worker',
    help: 'Events created in a Botpress workspace, including those whose response was lost',
    labels: {
      workspace: WORKSPACE,
      period:
        '`minute`: the larger count of this minute and the one before; `month`: this calendar month in UTC',
    },
    across: 'max',
  },
  sluice_workspace_invocation_budget: {
    type: 'gauge',
    app: 'worker',
    help: 'Bot invocations in the plan of a workspace (SLUICE_INVOCATIONS_PER_MINUTE, _PER_MONTH), if set',
    labels: { workspace: WORKSPACE, period: '`minute`, `month`' },
    across: 'max',
  },
  sluice_workspace_limit_calls_per_second: {
    type: 'gauge',
    app: 'worker',
    help: 'Limit of calls to a workspace, reads included (SLUICE_WORKSPACE_CALLS_PER_SECOND)',
    labels: { workspace: WORKSPACE },
    across: 'max',
  },
  sluice_workspace_reads_total: {
    type: 'counter',
    app: 'worker',
    help: 'Calls to a workspace besides createEvent',
    labels: { workspace: WORKSPACE, purpose: '`lookup`, `link`, `sweep`' },
    across: 'sum',
  },
} as const satisfies Record<string, MetricDefinition>;
