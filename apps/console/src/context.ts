import type { Connections, IngestUrls } from '@sluice/config';
import type { z } from 'zod';
import type { Backend } from './backend.ts';
import type { RateWatch } from './overview/watch-rates.ts';
import type { ReplayWatch } from './replay-watch.ts';
import type { settingsSchema } from './views/settings.ts';

/** What operations work with. */
export interface ConsoleContext extends Backend {
  /** The newest, for they may be reloaded. */
  readonly connections: () => Connections;
  /** How one signs in; none: everybody is operator. */
  readonly signIn: 'token' | 'none';
  /** What the console was started with, as it may be seen. */
  readonly settings: z.output<typeof settingsSchema>;
  readonly edge: IngestUrls;
  readonly rates: RateWatch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly replayWatch: ReplayWatch;
  /** The OpenAPI document. */
  readonly document: () => object;
}
