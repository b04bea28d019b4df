import { setTimeout as delay } from 'node:timers/promises';
import { schedulerBase } from '../keys.ts';
import { runScript } from '../redis/scripts.ts';
import { acrossShards, type Shards } from '../sharding/across-shards.ts';
import { WINDOW_SCRIPTS } from './scripts.ts';
import { type PlannedWindow, windowText } from './workspace-window.ts';

/**
 * Why a call reads: lookup of an event before a resend, search for its conversation and user, sweep of event statuses,
 * or check of the connections.
 */
export type ReadPurpose = 'lookup' | 'link' | 'sweep' | 'check';

/** Takes calls that only read from the windows of workspaces. */
export interface CallWindows {
  /**
   * Resolves when a call may start. Never rejects: while Redis cannot be reached nothing is sent, so that reads alone do
   * not exceed the limit.
   *
   * @param share share of the window's limit that all reads of this purpose may use, above 0 and up to 1
   */
  acquireCall(window: PlannedWindow, purpose: ReadPurpose, share: number): Promise<void>;
}

/** Calls of one process wait in line, one line per window and purpose, so that Redis is asked once per call. */
export function createCallWindows(shards: Shards): CallWindows {
  const lines = new Map<string, Promise<void>>();
  return {
    acquireCall(window, purpose, share) {
      const line = JSON.stringify([window.id, window.shard, purpose]);
      const taken = (lines.get(line) ?? Promise.resolve()).then(() =>
        takeCall(shards, window, purpose, share).catch(() => {}),
      );
      lines.set(line, taken);
      void taken.then(() => lines.get(line) === taken && lines.delete(line));
      return taken;
    },
  };
}

async function takeCall(
  shards: Shards,
  window: PlannedWindow,
  purpose: ReadPurpose,
  share: number,
): Promise<void> {
  const shard = shards.all()[window.shard];
  if (!shard) return;
  const rate = Math.max(1, window.limit * share);
  for (;;) {
    const [isTaken, wait] = (await runScript(
      shard.redis,
      WINDOW_SCRIPTS.takeCall,
      schedulerBase(shard.prefix),
      windowText(window),
      purpose,
      rate,
    )) as [0 | 1, number];
    if (wait > 0) await delay(wait);
    if (isTaken === 1) return;
  }
}

/** Events that were created in a workspace, or may have been: their answer was lost. */
export interface WorkspaceEvents {
  readonly thisMinute: number;
  readonly lastMinute: number;
  /** This calendar month, in UTC. */
  readonly thisMonth: number;
}

/** Returns the events of each workspace in all shards. Rejects while Redis cannot be reached. */
export function countWorkspaceEvents(
  shards: Shards,
  workspaces: readonly string[],
): Promise<ReadonlyMap<string, WorkspaceEvents>> {
  return acrossShards(
    shards,
    async ({ redis, prefix }) =>
      (await runScript(
        redis,
        WINDOW_SCRIPTS.readWindows,
        schedulerBase(prefix),
        ...workspaces,
      )) as readonly (readonly [number, number, number])[],
    (parts) => new Map(workspaces.map((id, index) => [id, sumEvents(parts.map((part) => part[index]))])),
  );
}

function sumEvents(parts: readonly (readonly [number, number, number] | undefined)[]): WorkspaceEvents {
  const sum = (place: 0 | 1 | 2) => parts.reduce((total, part) => total + (part?.[place] ?? 0), 0);
  return { thisMinute: sum(0), lastMinute: sum(1), thisMonth: sum(2) };
}
