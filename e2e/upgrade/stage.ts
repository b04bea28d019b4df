import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type RunningApp, runSluice, startApp, startRedis, startSandbox } from '@sluice/testing';
import { Redis } from 'ioredis';
import { startConsole } from '../start-console.ts';
import { loadFixture } from './fixture.ts';

export const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** A delivery that the old build left behind. */
interface OldDelivery {
  readonly connection: string;
  /** The situation it was brought into, for example `paced`. */
  readonly was: string;
  /** How it has to end: `delivered`, `dead:rejected` … */
  readonly ends: string;
  /** A text that only the payload of its event contains. */
  readonly mark?: string;
  /** Its state and the numbers of its attempt notes and edits, as the old console reported them. */
  readonly state: string;
  readonly attempts?: number;
  readonly edits?: number;
  /** Set where an attempt may have created an event. */
  readonly began?: true;
}

interface OldReplay {
  readonly id: string;
  readonly state: string;
  readonly planned: number;
  readonly replayed: number;
  readonly delivered: number;
  readonly died: number;
}

/** What the old build reported about its data at the time of the capture. */
export interface Expected {
  readonly deliveries: Readonly<Record<string, OldDelivery>>;
  /** Reasons of dead letters, by delivery id. */
  readonly dead: Readonly<Record<string, string>>;
  /** Dead letters in each group. */
  readonly groups: Readonly<Record<string, number>>;
  /** Events that the old build created. */
  readonly events: readonly { readonly botId: string; readonly type: string; readonly deliveryId: string }[];
  readonly replays: Readonly<Record<string, OldReplay>>;
  /** Webhooks that the old build accepted, as their platforms sent them. */
  readonly resends: readonly {
    readonly connection: string;
    readonly deliveryId: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }[];
  /** Actions in the audit log, the oldest first. */
  readonly audit: readonly string[];
  /** Counters other than 0, by connection. */
  readonly ledger: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** Loads the data of an old build, and starts everything of this build but the worker. */
export async function openStage(commit: string) {
  const expected: Expected = JSON.parse(await readFile(`${FOLDER}/from-${commit}.json`, 'utf8'));
  const [redis, sandbox] = await Promise.all([startRedis({ own: true }), startSandbox()]);
  const client = new Redis(redis.url);
  await loadFixture(client, `${FOLDER}/from-${commit}.ndjson`);
  client.disconnect();
  // The sandbox is empty. Botpress would still have the events that the old build created.
  for (const event of expected.events) await createEvent(sandbox.url, event);
  const env = {
    REDIS_URL: redis.url,
    SLUICE_CONNECTIONS: `${FOLDER}/connections.yaml`,
    BOTPRESS_API_URL: sandbox.url,
    SLUICE_SHARDS: '2',
  };
  const ingestEnv = { ...env, SLUICE_INGEST_PORT: '0', SLUICE_INGEST_METRICS_PORT: '0' };
  const [operators, ingest] = await Promise.all([startConsole(env), startApp('ingest', { env: ingestEnv })]);
  let worker: RunningApp | undefined;
  return {
    expected,
    sandbox,
    ingestUrl: ingest.url,
    async startWorker() {
      const settings = { SLUICE_WORKER_METRICS_PORT: '0', SLUICE_STALLED_INTERVAL_MS: '500' };
      worker = await startApp('worker', { env: { ...env, ...settings } });
    },
    /** Reads a metric of the worker, by its name with labels. */
    async workerMetric(name: string): Promise<number> {
      const text = await (await fetch(`${worker?.url}/metrics`)).text();
      const line = text.split('\n').find((one) => one.startsWith(`${name} `));
      return Number(line?.slice(name.length) ?? 0);
    },
    /** Reads from the API of the console; undefined where it answers 404. */
    async read<T>(path: string): Promise<T | undefined> {
      const answer = await fetch(`${operators.url}/api${path}`);
      if (answer.status === 404) return undefined;
      if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    },
    /** Runs `sluice`, and returns what it prints. Throws if it fails. */
    async sluice(...args: readonly string[]): Promise<string> {
      const { code, stdout, stderr } = await (await runSluice(args, env)).ended;
      if (code !== 0) throw new Error(`sluice ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`);
      return stdout;
    },
    async stop() {
      await Promise.all([worker?.stop(), operators.stop(), ingest.stop()]);
      await sandbox.stop();
      await redis.stop();
    },
  };
}

const headersOf = (botId: string) => ({
  authorization: 'Bearer upgrade-token',
  'x-bot-id': botId,
  'x-integration-id': 'upgrade',
});

async function createEvent(url: string, { botId, type, deliveryId }: Expected['events'][number]) {
  const headers = { ...headersOf(botId), 'content-type': 'application/json' };
  const body = JSON.stringify({ type, payload: { deliveryId } });
  const answer = await fetch(`${url}/v1/chat/events`, { method: 'POST', headers, body });
  if (answer.status !== 201) throw new Error(`createEvent: ${answer.status} ${await answer.text()}`);
}

/** Lists the payloads of a bot's events. */
export async function payloadsOf(url: string, botId: string): Promise<{ readonly deliveryId: string }[]> {
  const payloads: { deliveryId: string }[] = [];
  for (let next: string | undefined = ''; next !== undefined; ) {
    const query: string = next === '' ? '' : `?nextToken=${encodeURIComponent(next)}`;
    const answer = await fetch(`${url}/v1/chat/events${query}`, { headers: headersOf(botId) });
    const page = (await answer.json()) as {
      readonly events: readonly { readonly payload: { deliveryId: string } }[];
      readonly meta: { readonly nextToken?: string };
    };
    payloads.push(...page.events.map(({ payload }) => payload));
    next = page.meta.nextToken;
  }
  return payloads;
}
