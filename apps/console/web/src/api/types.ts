import type { z } from 'zod';
import type { editAnswer } from '../../../src/operations/edit-dead-letters.ts';
import type { auditPage } from '../../../src/operations/list-audit.ts';
import type { deadLetterPage } from '../../../src/operations/list-dead-letters.ts';
import type { replayPlan } from '../../../src/operations/plan-replay.ts';
import type { mappedAnswer } from '../../../src/operations/show-event.ts';
import type { testAnswer } from '../../../src/operations/test-connection.ts';
import type { trialAnswer } from '../../../src/operations/try-dead-letters.ts';
import type { describedConnectionSchema } from '../../../src/views/connection.ts';
import type { deadLetterSchema, groupSchema } from '../../../src/views/dead-letter.ts';
import type { deathSchema } from '../../../src/views/death.ts';
import type { deliverySchema } from '../../../src/views/delivery.ts';
import type { overviewSchema } from '../../../src/views/overview.ts';
import type { replaySchema } from '../../../src/views/replay.ts';
import type { settingsSchema } from '../../../src/views/settings.ts';

// The server's own schemas, so that page and server cannot come to differ.
export type AuditPage = z.output<typeof auditPage>;
export type Connection = z.output<typeof describedConnectionSchema>;
export type Death = z.output<typeof deathSchema>;
export type DeadLetter = z.output<typeof deadLetterSchema>;
export type DeadLetterPage = z.output<typeof deadLetterPage>;
export type Delivery = z.output<typeof deliverySchema>;
export type EditSummary = z.output<typeof editAnswer>;
export type Group = z.output<typeof groupSchema>;
export type Mapped = z.output<typeof mappedAnswer>;
export type Overview = z.output<typeof overviewSchema>;
export type Replay = z.output<typeof replaySchema>;
export type ReplayPlan = z.output<typeof replayPlan>;
export type SettingsAnswer = z.output<typeof settingsSchema>;
export type TestAnswer = z.output<typeof testAnswer>;
/** What today’s mappers would make of dead letters. */
export type Trial = z.output<typeof trialAnswer>;
