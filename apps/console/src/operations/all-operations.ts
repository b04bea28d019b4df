import type { Operation } from '../api/operation.ts';
import { changeReplays } from './change-replay.ts';
import { discardDeadLetters, restoreDeadLetters } from './discard-dead-letters.ts';
import { editDeadLetters } from './edit-dead-letters.ts';
import { exportDeadLetters } from './export-dead-letters.ts';
import { findDeliveries } from './find-deliveries.ts';
import { holdConnection, releaseConnection } from './hold-connection.ts';
import { importDeadLetters } from './import-dead-letters.ts';
import { listAudit } from './list-audit.ts';
import { listConnections } from './list-connections.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { listGroups } from './list-groups.ts';
import { listReplays } from './list-replays.ts';
import { planReplay } from './plan-replay.ts';
import { runReplay } from './run-replay.ts';
import { showDeadSummary } from './show-dead-summary.ts';
import { showDelivery } from './show-delivery.ts';
import { showDocument } from './show-document.ts';
import { showEvent } from './show-event.ts';
import { showLedger } from './show-ledger.ts';
import { showMe } from './show-me.ts';
import { showOverview } from './show-overview.ts';
import { showReplay } from './show-replay.ts';
import { showSettings } from './show-settings.ts';
import { testConnection } from './test-connection.ts';
import { tryDeadLetters } from './try-dead-letters.ts';
import { watchReplay } from './watch-replay.ts';

/** The API, in the order of its document. One more is one more file, and one more line here. */
export const operations: readonly Operation[] = [
  showMe,
  showOverview,
  listDeadLetters,
  listGroups,
  showDeadSummary,
  tryDeadLetters,
  editDeadLetters,
  discardDeadLetters,
  restoreDeadLetters,
  exportDeadLetters,
  importDeadLetters,
  findDeliveries,
  showDelivery,
  showEvent,
  planReplay,
  runReplay,
  listReplays,
  showReplay,
  ...changeReplays,
  watchReplay,
  listConnections,
  holdConnection,
  releaseConnection,
  testConnection,
  listAudit,
  showLedger,
  showSettings,
  showDocument,
];
