import type { Operation } from '../api/operation.ts';
import { listConnections, pauseConnection, resumeConnection, testConnection } from './connections.ts';
import { getMe, getOpenApi, getSettings } from './console.ts';
import { discardDeadLetters, editDeadLetters, restoreDeadLetters } from './dead-letter-changes.ts';
import { exportDeadLetters, importDeadLetters } from './dead-letter-transfer.ts';
import { dryRunDeadLetters, getSummary, listDeadLetters, listGroups } from './dead-letters.ts';
import { findDeliveries, getDelivery, previewEvent } from './deliveries.ts';
import { getLedger, listAudit } from './ledger-and-audit.ts';
import { getOverview } from './overview.ts';
import { changeReplays, createReplay, getReplay, listReplays, planReplay, watchReplay } from './replays.ts';

/** The operations of the API by tag, in the order of its reference. */
export const OPERATIONS = {
  'Overview and ledger': [getOverview, getLedger],
  'Dead letters': [
    listDeadLetters,
    listGroups,
    getSummary,
    dryRunDeadLetters,
    editDeadLetters,
    discardDeadLetters,
    restoreDeadLetters,
    exportDeadLetters,
    importDeadLetters,
  ],
  Deliveries: [findDeliveries, getDelivery, previewEvent],
  Replays: [planReplay, createReplay, listReplays, getReplay, ...changeReplays, watchReplay],
  Connections: [listConnections, pauseConnection, resumeConnection, testConnection],
  'Audit log': [listAudit],
  Console: [getMe, getSettings, getOpenApi],
} satisfies Record<string, readonly Operation[]>;

export const operations: readonly Operation[] = Object.values(OPERATIONS).flat();
