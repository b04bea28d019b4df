import { fileURLToPath, pathToFileURL } from 'node:url';
import { TRACED, TRACED_ONE_IN_A_HUNDRED } from '../collector.ts';

/** How an app is observed. */
export interface Case {
  readonly title: string;
  readonly env: Readonly<Record<string, string>>;
  readonly nodeArgs: readonly string[];
  /** Whether its metrics count. */
  readonly counts: boolean;
}

const PRELOADED = pathToFileURL(fileURLToPath(new URL('./without-metrics.mjs', import.meta.url)));
const SILENT = { LOG_LEVEL: 'silent' };

const counting = (title: string, env: Case['env'] = {}): Case => ({ title, env, nodeArgs: [], counts: true });
const notCounting = (title: string, env: Case['env'] = {}): Case => ({
  ...{ title, env, counts: false },
  nodeArgs: ['--import', PRELOADED.href],
});

/** The first is what the others are held against. */
export const CASES: readonly Case[] = [
  notCounting('nothing', SILENT),
  counting('metrics', SILENT),
  notCounting('logs'),
  counting('metrics and logs, as it comes'),
  counting('and tracing, one in a hundred sampled', TRACED_ONE_IN_A_HUNDRED),
  counting('and tracing, all sampled', TRACED),
];
