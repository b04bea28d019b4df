import { bullmqGuide } from './bullmq-guide.ts';
import type { Contestant } from './contestant.ts';
import { directAnswering500, directSwallowing } from './direct.ts';
import { n8nQueue, n8nRegular } from './n8n.ts';
import { pgBoss } from './pg-boss.ts';
import { sluice } from './sluice.ts';

/** What is sent to whom, and how the API behaves. */
export interface Mode {
  readonly title: string;
  /** In one sentence, what is done. */
  readonly what: string;
  readonly contestants: readonly Contestant[];
  /** Webhooks a round. */
  readonly count: number;
  readonly rounds: number;
  /** Of the worker. */
  readonly concurrency: number;
  /** Webhooks a second; as fast as they are answered without it. */
  readonly rate?: number;
  /** Milliseconds until the API answers. */
  readonly latency?: number;
  /** Chance that the API answers 500. */
  readonly failures?: number;
  /** Target, as a multiple of another contestant's events/s. */
  readonly aim?: { readonly of: Contestant; readonly times: number };
}

/** Default of `SLUICE_WORKER_CONCURRENCY`. */
const DEFAULT_CONCURRENCY = 50;
/** What one sets for an API of 200 ms: 300 calls at once are 1,500 events a second. */
const PATIENT = 300;
const PACED = 200;
const AS_FAST = 'as fast as they are answered';

/** The default run, by the names that `--mode` takes. */
export const MODES: Readonly<Record<string, Mode>> = {
  all: {
    title: '50,000 webhooks, API 0 ms',
    what: 'as fast as they are answered, one round',
    contestants: [sluice],
    ...{ count: 50_000, rounds: 1, concurrency: DEFAULT_CONCURRENCY },
  },
  instant: {
    title: 'API 0 ms',
    what: AS_FAST,
    contestants: [sluice, directAnswering500, bullmqGuide],
    ...{
      count: 6_000,
      rounds: 3,
      concurrency: DEFAULT_CONCURRENCY,
      aim: { of: directAnswering500, times: 1.8 },
    },
  },
  slow: {
    title: 'API 200 ms',
    what: AS_FAST,
    contestants: [sluice, directAnswering500, bullmqGuide],
    ...{
      count: 3_000,
      rounds: 3,
      concurrency: PATIENT,
      latency: 200,
      aim: { of: directAnswering500, times: 3 },
    },
  },
  failing: {
    title: 'API 0 ms, 10 % of its answers are 500',
    what: 'as fast as they are answered, one round',
    contestants: [sluice, directAnswering500, directSwallowing],
    ...{ count: 3_000, rounds: 1, concurrency: DEFAULT_CONCURRENCY, failures: 0.1 },
  },
  paced: {
    title: `API 0 ms, ${PACED} webhooks a second`,
    what: 'at random times, regardless of the responses',
    contestants: [sluice, directAnswering500],
    ...{ count: 1_000, rounds: 3, concurrency: DEFAULT_CONCURRENCY, rate: PACED },
  },
  'paced-slow': {
    title: `API 200 ms, ${PACED} webhooks a second`,
    what: 'at random times, regardless of the responses',
    contestants: [sluice, directAnswering500],
    ...{ count: 1_000, rounds: 3, concurrency: PATIENT, rate: PACED, latency: 200 },
  },
};

/** Against others that are installed for it, by the names that `--mode` takes. */
export const PEER_MODES: Readonly<Record<string, Mode>> = {
  'pg-boss': {
    title: 'API 0 ms, beside pg-boss',
    what: AS_FAST,
    contestants: [sluice, pgBoss],
    ...{ count: 8_000, rounds: 3, concurrency: DEFAULT_CONCURRENCY },
  },
  'n8n-regular': {
    title: 'API 0 ms, beside n8n in regular mode',
    what: AS_FAST,
    contestants: [sluice, n8nRegular],
    ...{ count: 6_000, rounds: 3, concurrency: DEFAULT_CONCURRENCY },
  },
  'n8n-queue': {
    title: 'API 0 ms, beside n8n in queue mode',
    what: AS_FAST,
    contestants: [sluice, n8nQueue],
    ...{ count: 6_000, rounds: 3, concurrency: DEFAULT_CONCURRENCY, aim: { of: n8nQueue, times: 30 } },
  },
};
