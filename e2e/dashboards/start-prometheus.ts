import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findPrometheus, freePort } from '@sluice/testing';
import { RULES } from '../prometheus/test-rules.ts';

/** A series of a result, with its newest value. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface RunningPrometheus {
  readonly url: string;
  query(expression: string): Promise<readonly Sample[]>;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  /** URLs to scrape, by job. */
  readonly targets: Readonly<Record<string, readonly string[]>>;
  /** Interval of scrapes and rule evaluations. */
  readonly everySeconds: number;
}

const READY_WITHIN = 30_000;

/** Starts a Prometheus with the rules of deploy/prometheus, and waits until it is ready. */
export async function startPrometheus({
  targets,
  everySeconds,
}: PrometheusOptions): Promise<RunningPrometheus> {
  const { prometheus } = await findPrometheus();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-prometheus-'));
  const every = `${everySeconds}s`;
  const config = {
    global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
    rule_files: RULES,
    scrape_configs: Object.entries(targets).map(([job, urls]) => ({
      job_name: job,
      static_configs: [{ targets: urls.map((url) => new URL(url).host) }],
    })),
  };
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const port = await freePort();
  const child = spawn(
    prometheus,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url);
  return {
    url,
    async query(expression) {
      const body = new URLSearchParams({ query: expression });
      const answer = await fetch(`${url}/api/v1/query`, { method: 'POST', body });
      const { status, error, data } = (await answer.json()) as Answer;
      if (status !== 'success') throw new Error(`${expression}: ${error}`);
      return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly value: readonly [number, string];
    }[];
  };
}

async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN;
  for (;;) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > deadline) throw new Error('Prometheus is not ready');
    await pause(50);
  }
}
