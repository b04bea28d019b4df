import type { WorkspaceSettings } from '@sluice/config';
import { createCounter, createGauge, type Registry } from '@sluice/observability';
import { countWorkspaceEvents, type ReadPurpose, type Shards } from '@sluice/queue';
import { shareReads } from './share-reads.ts';

export interface WorkspaceMetrics {
  readonly shards: Shards;
  readonly settings: WorkspaceSettings;
  /** Returns the ids of the current workspaces. */
  readonly workspaces: () => readonly string[];
}

/**
 * Registers the events of each workspace and its limits, read at each scrape. Every worker exposes the same values, which
 * keep their last value while Redis is unavailable.
 */
export function addWorkspaceMetrics(
  registry: Registry,
  { shards, settings, workspaces }: WorkspaceMetrics,
): void {
  const read = shareReads(() => countWorkspaceEvents(shards, workspaces()));
  createGauge(registry, 'sluice_workspace_events', async (gauge) => {
    const counts = await read();
    if (!counts) return;
    gauge.reset();
    for (const [workspace, { thisMinute, lastMinute, thisMonth }] of counts) {
      // A minute that has just begun would hide the one before.
      gauge.set({ workspace, period: 'minute' }, Math.max(thisMinute, lastMinute));
      gauge.set({ workspace, period: 'month' }, thisMonth);
    }
  });
  createGauge(registry, 'sluice_workspace_invocation_budget', (gauge) => {
    gauge.reset();
    for (const workspace of workspaces()) {
      const { invocationsPerMinute, invocationsPerMonth } = settings;
      if (invocationsPerMinute > 0) gauge.set({ workspace, period: 'minute' }, invocationsPerMinute);
      if (invocationsPerMonth > 0) gauge.set({ workspace, period: 'month' }, invocationsPerMonth);
    }
  });
  createGauge(registry, 'sluice_workspace_limit_calls_per_second', (gauge) => {
    gauge.reset();
    for (const workspace of workspaces()) gauge.set({ workspace }, settings.callsPerSecond);
  });
}

/** Registers the counter of calls that only read, and returns what counts one. */
export function createReadCounter(registry: Registry): (workspace: string, purpose: ReadPurpose) => void {
  const reads = createCounter(registry, 'sluice_workspace_reads_total');
  return (workspace, purpose) => reads.inc({ workspace, purpose });
}
