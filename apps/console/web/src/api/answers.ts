import type { z } from 'zod';
import type { describedConnectionSchema } from '../../../src/views/connection.ts';
import type { deadLetterSchema, groupSchema } from '../../../src/views/dead-letter.ts';
import type { deathSchema } from '../../../src/views/death.ts';
import type { deliverySchema } from '../../../src/views/delivery.ts';
import type { overviewSchema } from '../../../src/views/overview.ts';
import type { replaySchema } from '../../../src/views/replay.ts';
import type { settingsSchema } from '../../../src/views/settings.ts';

// The server's own schemas, so that page and server cannot come to differ.
export type Connection = z.output<typeof describedConnectionSchema>;
export type Death = z.output<typeof deathSchema>;
export type DeadLetter = z.output<typeof deadLetterSchema>;
export type Group = z.output<typeof groupSchema>;
export type Delivery = z.output<typeof deliverySchema>;
export type Overview = z.output<typeof overviewSchema>;
export type Replay = z.output<typeof replaySchema>;
export type SettingsAnswer = z.output<typeof settingsSchema>;

export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  readonly next?: string;
}

/** What today’s mappers would make of dead letters. */
export interface Trial {
  readonly succeed: number;
  readonly fail: number;
  readonly duties: number;
  readonly become: readonly {
    readonly event: string;
    readonly count: number;
    readonly example: { readonly id: string; readonly payload: unknown };
  }[];
  readonly die: readonly {
    readonly reason: string;
    readonly connection: string;
    readonly topic: string;
    readonly message: string;
    readonly example: string;
    readonly count: number;
  }[];
}

/** What today’s mapper makes of one delivery. */
export type Mapped =
  | { readonly ok: true; readonly event?: string; readonly payload: unknown }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly message: string;
      readonly issues?: readonly { readonly path: string; readonly message: string }[];
    };

export interface EditSummary {
  readonly edited: readonly string[];
  readonly refused: number;
  readonly refusals: readonly { readonly id: string; readonly why: string }[];
}

export interface ReplayPlan {
  readonly count: number;
  readonly groups: readonly Group[];
  readonly oldest?: number;
  readonly seconds: number;
}

export interface AuditLine {
  readonly id: string;
  readonly at: number;
  readonly action: string;
  readonly by: string;
  readonly who?: string;
  readonly reason?: string;
  readonly about: Readonly<Record<string, unknown>>;
}
