import type { Redis } from 'ioredis';

/** Where and how a contestant works. */
export interface Place {
  /** Of the sandbox. */
  readonly apiUrl: string;
  /** Events that are created at once, where that is set. */
  readonly concurrency: number;
  /** Of a built checkout. */
  readonly root: string;
  /** For configuration, logs and data. */
  readonly dir: string;
}

/** A system that turns webhooks into events, in separate processes. */
export interface Contestant {
  readonly title: string;
  /** It gets one of this many orders, because it is slow. */
  readonly fewer?: number;
  start(place: Place): Promise<RunningContestant>;
}

export interface RunningContestant {
  readonly port: number;
  /** Whether events may come after their webhooks' answers. */
  readonly defers: boolean;
  /** By what they are, e.g. `worker`; with their children. */
  readonly processes: Readonly<Record<string, number>>;
  readonly redis?: Redis;
  stop(): Promise<void>;
}
