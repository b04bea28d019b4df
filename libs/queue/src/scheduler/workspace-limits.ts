import type { Shards } from '../sharding/across-shards.ts';
import { createCallWindows, type ReadPurpose } from './call-windows.ts';
import { type PlannedBot, type PlannedWindow, planWindows, type WindowPlan } from './workspace-window.ts';

/** The limits of calls of all workspaces, by the current connections. */
export interface WorkspaceLimits {
  /**
   * Returns the window of a bot's workspace.
   *
   * @param prefix key prefix of the shard whose deliveries need it
   */
  windowOf(botId: string, prefix: string): PlannedWindow | undefined;
  /** Resolves when a call that only reads may start, which takes it from the window. Never rejects. */
  acquireCall(target: { readonly botId: string }, purpose: ReadPurpose): Promise<void>;
  /** Ids of the workspaces; an API URL for bots without a workspace id. */
  workspaces(): readonly string[];
}

/** What a window is planned from. */
interface LimitedConnection {
  readonly botpress: { readonly botId: string; readonly workspaceId?: string; readonly apiUrl?: string };
  readonly limits: { readonly eventsPerMinute: number };
}

interface LimitedConnections {
  all(): readonly LimitedConnection[];
}

export interface WorkspaceLimitOptions {
  readonly shards: Shards;
  /** Returns the current connections; another object after each change. */
  readonly connections: () => LimitedConnections;
  readonly callsPerSecond: number;
  /** Percentage of the calls that sweeps may use. */
  readonly sweepPercent?: number;
  /** API URL of connections that configure none. */
  readonly apiUrl: string;
  /** Counts a call that only reads. */
  readonly onRead?: (workspace: string, purpose: ReadPurpose) => void;
}

/** Shares of the calls that reads may use; the rest remains for events. */
const SHARES = { lookup: 0.5, link: 0.5, check: 0.2 } as const;

/** Returns the limits. They are planned again after a change of the connections or of the number of shards. */
export function createWorkspaceLimits(options: WorkspaceLimitOptions): WorkspaceLimits {
  const { shards, connections, callsPerSecond, sweepPercent = 20, apiUrl, onRead } = options;
  const calls = createCallWindows(shards);
  let planned: {
    readonly connections: LimitedConnections;
    readonly shards: number;
    readonly plan: WindowPlan;
  };
  const plan = () => {
    const current = { connections: connections(), shards: shards.all().length };
    if (planned?.connections !== current.connections || planned.shards !== current.shards) {
      const bots = botsOf(current.connections, apiUrl);
      planned = { ...current, plan: planWindows(bots, { callsPerSecond, shards: current.shards }) };
    }
    return planned.plan;
  };
  const shares = { ...SHARES, sweep: sweepPercent / 100 };
  return {
    windowOf(botId, prefix) {
      const shard = shards.all().findIndex((one) => one.prefix === prefix);
      return plan().windowOf(botId, shard);
    },
    async acquireCall({ botId }, purpose) {
      const window = plan().windowOf(botId);
      if (!window) return;
      await calls.acquireCall(window, purpose, shares[purpose]);
      onRead?.(window.id, purpose);
    },
    workspaces: () => plan().workspaces,
  };
}

function botsOf(connections: LimitedConnections, apiUrl: string): readonly PlannedBot[] {
  return connections.all().map(({ botpress, limits: { eventsPerMinute } }) => ({
    id: botpress.botId,
    workspace: botpress.workspaceId ?? botpress.apiUrl ?? apiUrl,
    eventsPerMinute,
  }));
}
