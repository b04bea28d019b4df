import type { RunningApp } from '@sluice/testing';
import type { Redis } from 'ioredis';
import { startConsole } from '../../start-console.ts';
import { BOTPRESS_TOKEN, SOURCES, secretOf, TOKENS } from '../connections.ts';
import { asJson, asOperator, operationsOf, requestConsole } from '../console-requests.ts';
import { post } from '../post.ts';
import type { Row } from '../row.ts';
import { sign, signed, signedBody } from '../signed.ts';
import { finalLogLine, type Target } from '../target.ts';

const REDIS_PASSWORD = 'canary-of-the-redis-password';
const IN_PAYLOAD = 'canary.of.the.payload@example.com';

/** Values that must not appear anywhere. */
const CANARIES = [
  ...SOURCES.map(secretOf),
  BOTPRESS_TOKEN,
  ...Object.values(TOKENS),
  REDIS_PASSWORD,
  'canary-of-a-wrong-token',
  'canary-of-a-broken-body',
];

/** Sends valid and invalid requests to every operation of a console. Returns all responses. */
async function requestEverything(console: RunningApp, deliveries: readonly string[]): Promise<string> {
  const answers: string[] = [];
  const ask = async (method: string, path: string, headers: Record<string, string>, body?: string) => {
    const asked = { method, path, headers, ...(body === undefined ? {} : { body }) };
    answers.push((await requestConsole(console, asked)).text);
  };
  const places = [
    ...(await operationsOf(console)),
    ...deliveries.map((id) => ({ method: 'GET', path: `/api/deliveries/${id}` })),
    { method: 'GET', path: '/metrics' },
  ];
  for (const { method, path } of places) {
    const isGet = method === 'GET';
    await ask(method, path, { ...asOperator, ...asJson }, isGet ? undefined : '{"note":"x","filter":{}}');
    await ask(method, `${path}?x=%`, { ...asOperator, ...asJson }, isGet ? undefined : '{}');
    await ask(method, path, { ...asOperator, ...asJson }, '{"note":"canary-of-a-broken-body');
  }
  await ask('GET', '/api/me', { authorization: 'Bearer canary-of-a-wrong-token' });
  for (const token of ['canary-of-a-wrong-token', TOKENS.operator]) {
    await ask('POST', '/api/session', asJson, JSON.stringify({ token }));
  }
  await ask('GET', '/api/me', { authorization: `Basic ${TOKENS.operator}` });
  return answers.join('\n');
}

/** Creates deliveries of every source: delivered, dead and rejected. */
async function fill(target: Target): Promise<string[]> {
  const ids: string[] = [];
  for (const source of SOURCES) {
    ids.push(...(await post(target, source, signed(source))).deliveries);
    await post(target, source, sign(source, signed(source), 'wrong'));
  }
  const odd = JSON.stringify({ id: 'not a number', email: IN_PAYLOAD, customer: { first_name: IN_PAYLOAD } });
  ids.push(...(await post(target, 'shopify', signedBody('shopify', odd))).deliveries);
  for (const id of ids) await finalLogLine(target, id);
  return ids;
}

/** Returns all hashes, including job data. */
async function storedIn(redis: Redis): Promise<string> {
  const texts: string[] = [];
  for (const key of await redis.keys('*')) {
    if ((await redis.type(key)) === 'hash') texts.push(JSON.stringify(await redis.hgetall(key)));
  }
  return texts.join('\n');
}

/** Returns the output of a console without Redis and of one that does not start. */
async function errorOutput({ pipeline }: Target): Promise<string> {
  const redisUrl = `redis://:${REDIS_PASSWORD}@127.0.0.1:1`;
  const tokens = `olga:operator:${TOKENS.operator}`;
  const away = await startConsole({ ...pipeline.env, REDIS_URL: redisUrl, SLUICE_CONSOLE_TOKENS: tokens });
  const answers = await requestEverything(away, ['dlv_none']);
  await away.stop();
  const wrong = {
    SLUICE_CONSOLE_TOKENS: `olga:boss:${TOKENS.operator}`,
    REDIS_URL: `redis:${REDIS_PASSWORD}`,
  };
  const complaint = await startConsole({ ...pipeline.env, ...wrong }).catch((error: unknown) =>
    String(error),
  );
  return [answers, logOf(away), typeof complaint === 'string' ? complaint : ''].join('\n');
}

const logOf = ({ lines }: RunningApp): string => JSON.stringify(lines.seen);

/** Returns the canaries that a text contains. */
const found = (text: string, canaries: readonly string[]) =>
  canaries.filter((canary) => text.includes(canary));

export const secrets: readonly Row[] = [
  {
    row: 23,
    input:
      'valid and invalid requests to every operation; secrets of connections, Botpress, Redis and console',
    expected: '0 in responses, 0 in logs, 0 in metrics, 0 in Redis, 0 in error output',
    run: async (target) => {
      const { pipeline, console, redis } = target;
      const answers = await requestEverything(console, await fill(target));
      const logs = [console, pipeline.ingest, pipeline.worker].map(logOf).join('\n');
      const urls = [pipeline.ingest.ready.metricsUrl, pipeline.worker.url];
      const metrics = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
      const places = {
        'in responses': found(answers, [...CANARIES, IN_PAYLOAD]),
        'in logs': found(logs, [...CANARIES, IN_PAYLOAD]),
        'in metrics': found(metrics.join('\n'), [...CANARIES, IN_PAYLOAD]),
        'in Redis': found(await storedIn(redis), CANARIES),
        'in error output': found(await errorOutput(target), CANARIES),
      };
      return {
        got: Object.entries(places)
          .map(([place, canaries]) => `${canaries.length} ${place}`)
          .join(', '),
        detail: [...new Set(Object.values(places).flat())].join(' ') || `${CANARIES.length + 1} canaries`,
      };
    },
  },
];
