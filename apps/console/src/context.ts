import type { Connections, IngestUrls } from '@sluice/config';
import type { z } from 'zod';
import type { Backend } from './backend.ts';
import type { RateWatch } from './overview/watch-rates.ts';
import type { ReplayWatch } from './replay-watch.ts';
import type { settingsSchema } from './settings.ts';

/** The dependencies of the API's operations. */
export interface ConsoleContext extends Backend {
  /** Returns the current connections, which may be reloaded. */
  readonly connections: () => Connections;
  /** `none`: a console without tokens, where every user is an operator. */
  readonly signIn: 'token' | 'none';
  /** Settings without secrets. */
  readonly settings: z.output<typeof settingsSchema>;
  readonly edge: IngestUrls;
  readonly rates: RateWatch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly replayWatch: ReplayWatch;
  readonly openApi: object;
}
