import type { WorkspaceWindow } from '../records/outcome.ts';
import { shardOf } from '../sharding/placement.ts';

/** A bot that connections send to. */
export interface PlannedBot {
  readonly id: string;
  readonly workspace: string;
  readonly eventsPerMinute: number;
}

export interface WindowPlanOptions {
  /** Limit of calls a second of each workspace. */
  readonly callsPerSecond: number;
  /** Number of shards. */
  readonly shards: number;
}

/** The windows of all workspaces, split over the shards. */
export interface WindowPlan {
  /**
   * Returns the window of a bot's workspace.
   *
   * @param shard number of the shard whose deliveries need it; by default the shard of the bot
   */
  windowOf(botId: string, shard?: number): PlannedWindow | undefined;
  readonly workspaces: readonly string[];
}

/** A window, and the shard in which it is kept. */
export interface PlannedWindow extends WorkspaceWindow {
  readonly shard: number;
  /** The limit of calls a second that the window keeps. */
  readonly limit: number;
}

/**
 * Seconds in which no more calls start than the limit allows. The tenth covers differences in how long calls take to
 * arrive: those of 1.1 s may arrive within one.
 */
const SPAN = 1.1;

/** Smallest burst, as a share of the limit. */
const LEAST_BURST = 0.1;

/** Share of the limit that the rate leaves to reads, in addition to the events of all bots. */
const FOR_READS = 0.2;

/**
 * Plans the windows of workspaces. Each shard keeps one, with its part of the limit: one call for each, so that
 * deliveries that remain in a shard after an increase of the number can be sent, and the others by the limits of the
 * bots. The parts add up to the limit.
 *
 * A window has no more rate than the bots and reads can use; what remains is its burst. So a bot alone in its workspace
 * is never delayed by the window.
 */
export function planWindows(
  bots: readonly PlannedBot[],
  { callsPerSecond, shards }: WindowPlanOptions,
): WindowPlan {
  const byId = new Map(bots.map((bot) => [bot.id, bot]));
  const eventsOf = new Map<string, number[]>();
  for (const { id, workspace, eventsPerMinute } of byId.values()) {
    const perShard = eventsOf.get(workspace) ?? Array.from({ length: shards }, () => 0);
    const shard = shardOf(id, shards);
    perShard[shard] = (perShard[shard] ?? 0) + eventsPerMinute;
    eventsOf.set(workspace, perShard);
  }
  const windows = new Map(
    [...eventsOf].map(([workspace, perShard]) => [workspace, split(workspace, perShard, callsPerSecond)]),
  );
  return {
    windowOf(botId, shard = shardOf(botId, shards)) {
      const workspace = byId.get(botId)?.workspace;
      return workspace === undefined ? undefined : windows.get(workspace)?.[shard];
    },
    workspaces: [...windows.keys()],
  };
}

/** @param perShard limits of the workspace's bots, by shard */
function split(id: string, perShard: readonly number[], callsPerSecond: number): readonly PlannedWindow[] {
  const total = perShard.reduce((sum, events) => sum + events, 0);
  const left = Math.max(0, callsPerSecond - perShard.length);
  return perShard.map((events, shard) => {
    const limit = 1 + Math.floor((left * events) / total);
    return { id, shard, limit, ...toWindow(limit, events / 60) };
  });
}

/** @param eventsPerSecond what the bots of the window may send */
function toWindow(limit: number, eventsPerSecond: number): { readonly rate: number; readonly burst: number } {
  const most = (limit + 1 - Math.max(1, limit * LEAST_BURST)) / SPAN;
  const rate = roundDown(Math.min(most, eventsPerSecond + FOR_READS * limit));
  return { rate, burst: roundDown(limit + 1 - SPAN * rate) };
}

/** Scripts receive three decimals. */
function roundDown(value: number): number {
  return Math.floor(value * 1_000) / 1_000;
}

/** Formats a window for the scripts; window.lua describes it. */
export function windowText(window: WorkspaceWindow | undefined): string {
  return window === undefined ? '' : `${window.rate} ${window.burst} ${window.id}`;
}
