import type { z } from 'zod';
import type { testResult } from '../../../src/operations/connection-test.ts';
import type { connectionDetails } from '../../../src/operations/connections.ts';
import type { editResult } from '../../../src/operations/dead-letter-changes.ts';
import type { deadLetterPage, dryRunResult } from '../../../src/operations/dead-letters.ts';
import type { eventPreview } from '../../../src/operations/deliveries.ts';
import type { deliverySchema } from '../../../src/operations/delivery-view.ts';
import type { auditPage } from '../../../src/operations/ledger-and-audit.ts';
import type { overviewSchema } from '../../../src/operations/overview.ts';
import type { replayPlan, replaySchema } from '../../../src/operations/replays.ts';
import type { deadLetterSchema, failureSchema, groupSchema } from '../../../src/schemas/dead-letter.ts';
import type { settingsSchema } from '../../../src/settings.ts';

// Derived from the schemas of the server, so that page and server cannot differ.
export type AuditLogPage = z.output<typeof auditPage>;
export type Connection = z.output<typeof connectionDetails>;
export type Failure = z.output<typeof failureSchema>;
export type DeadLetter = z.output<typeof deadLetterSchema>;
export type DeadLetterPage = z.output<typeof deadLetterPage>;
export type Delivery = z.output<typeof deliverySchema>;
export type EditResult = z.output<typeof editResult>;
export type Group = z.output<typeof groupSchema>;
export type MappedEvent = z.output<typeof eventPreview>;
export type Overview = z.output<typeof overviewSchema>;
export type Replay = z.output<typeof replaySchema>;
export type ReplayPlan = z.output<typeof replayPlan>;
export type SettingsResponse = z.output<typeof settingsSchema>;
export type TestResult = z.output<typeof testResult>;
export type DryRunResult = z.output<typeof dryRunResult>;
