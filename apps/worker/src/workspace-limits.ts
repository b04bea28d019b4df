import type { BotTarget } from '@sluice/botpress';
import type { Connections } from '@sluice/config';
import {
  createCallWindows,
  type PlannedWindow,
  planWindows,
  type ReadPurpose,
  type Shards,
  type WindowPlan,
} from '@sluice/queue';

/** The limits of calls of all workspaces, by the current connections. */
export interface WorkspaceLimits {
  /**
   * Returns the window of a bot's workspace.
   *
   * @param prefix key prefix of the shard whose deliveries need it
   */
  windowOf(botId: string, prefix: string): PlannedWindow | undefined;
  /** Resolves when a call that only reads may start, which takes it from the window. Never rejects. */
  acquireCall(target: Pick<BotTarget, 'botId'>, purpose: ReadPurpose): Promise<void>;
  /** Ids of the workspaces; an API URL for bots without a workspace id. */
  workspaces(): readonly string[];
}

export interface WorkspaceLimitOptions {
  readonly shards: Shards;
  readonly connections: () => Connections;
  readonly callsPerSecond: number;
  /** Percentage of the calls that sweeps may use. */
  readonly sweepPercent: number;
  /** API URL of connections that configure none. */
  readonly apiUrl: string;
}

/** Share of the calls that lookups may use; the rest remains for events. */
const LOOKUP_SHARE = 0.5;

/** Returns the limits. They are planned again after a change of the connections or of the number of shards. */
export function createWorkspaceLimits(options: WorkspaceLimitOptions): WorkspaceLimits {
  const { shards, connections, callsPerSecond, sweepPercent } = options;
  const calls = createCallWindows(shards);
  let planned: { readonly connections: Connections; readonly shards: number; readonly plan: WindowPlan };
  const plan = () => {
    const current = { connections: connections(), shards: shards.all().length };
    if (planned?.connections !== current.connections || planned.shards !== current.shards) {
      const bots = botsOf(current.connections, options.apiUrl);
      planned = { ...current, plan: planWindows(bots, { callsPerSecond, shards: current.shards }) };
    }
    return planned.plan;
  };
  const share = { lookup: LOOKUP_SHARE, sweep: sweepPercent / 100 } as const;
  return {
    windowOf(botId, prefix) {
      const shard = shards.all().findIndex((one) => one.prefix === prefix);
      return plan().windowOf(botId, shard);
    },
    async acquireCall({ botId }, purpose) {
      const window = plan().windowOf(botId);
      if (window) await calls.acquireCall(window, purpose, share[purpose]);
    },
    workspaces: () => plan().workspaces,
  };
}

function botsOf(connections: Connections, apiUrl: string) {
  return connections.all().map(({ botpress, limits: { eventsPerMinute } }) => ({
    id: botpress.botId,
    workspace: botpress.workspaceId ?? botpress.apiUrl ?? apiUrl,
    eventsPerMinute,
  }));
}
