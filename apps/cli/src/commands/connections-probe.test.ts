import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RunningSandbox, startRedis, startSandbox } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { QueueRig } from '../test-support/queue-rig.ts';
import { run, runIn } from '../test-support/run.ts';

let folder: string;
let file: string;
let sandbox: RunningSandbox;
let rig: QueueRig;

const TOKEN = 'test-tok-3n';

/** Connections that send as an integration which may send any type, as the bot, and as an integration with a schema. */
const SENDERS = {
  shop: { integrationId: 'anything' },
  bot: {},
  strict: { integrationId: 'demo-integration' },
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-probe-'));
  file = join(folder, 'connections.json');
  const connections = Object.entries(SENDERS).map(([id, sender]) => ({
    ...{ id, source: 'linear', secrets: ['hunter2'] },
    botpress: { botId: 'acme', token: TOKEN, ...sender },
  }));
  writeFileSync(file, JSON.stringify({ connections }));
  [sandbox, rig] = await Promise.all([startSandbox(), QueueRig.open({ startRedis })]);
});

beforeEach(async () => {
  await rig.reset(vi);
  await sandbox.reset();
  vi.stubEnv('BOTPRESS_API_URL', sandbox.url);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await sandbox.clearFaults();
  await fetch(`${sandbox.url}/sandbox/modes`, { method: 'DELETE' });
});

afterAll(async () => {
  await rig.close();
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

const check = (...argv: readonly string[]) => run('connections', 'check', '--connections', file, ...argv);
const events = async () => (await sandbox.calls()).map(({ type }) => type);

test('creates one event, records the facts of the API, and shows them in later checks', async () => {
  const probed = await check('--probe', 'shop', '--yes');
  expect(probed).toMatchObject({ code: 0, err: '' });
  expect(await events()).toEqual(['sluiceProbe']);
  const lines = [
    `API facts: ${sandbox.url} as integration`,
    expect.stringMatching(/^ {2}probed {6}\S+, bot acme, @botpress\/client 1\.45\.0$/),
    '  type        bare',
    expect.stringMatching(/^ {2}listed {6}by type and without a type, after \d+ ms$/),
    '  pageSize    unknown; 1 events on a page of 100',
    expect.stringMatching(
      /^ {2}headers {5}ratelimit-limit: 100, ratelimit-remaining: \d+, ratelimit-reset: 1$/,
    ),
    expect.stringMatching(/^ {2}reads count (yes|no|unknown)$/),
  ];
  expect(probed.out.split('\n')).toEqual([expect.stringMatching(/^Event \S+ created/), ...lines]);

  const { code, out } = await check();
  expect(code).toBe(1); // The integration `anything` has no definitions.
  expect(out.split('\n')).toEqual(expect.arrayContaining(lines));
  expect(out).toContain(`API facts: ${sandbox.url} as bot: not probed.`);
  const json = JSON.parse((await check('--json')).out);
  expect(json.apiFacts).toMatchObject([
    { caller: 'integration', facts: { typeForm: 'bare', isFoundByType: true, botId: 'acme' } },
    { caller: 'bot' },
  ]);
  expect(probed.out + out + JSON.stringify(json)).not.toContain(TOKEN);
  expect(await events()).toEqual(['sluiceProbe']);
});

test.each<[Readonly<Record<string, unknown>>, object]>([
  [{ eventType: 'bare' }, { typeForm: 'bare', isFoundByType: true, isFoundInAll: true }],
  [{ eventType: 'prefixed' }, { typeForm: 'prefixed', isFoundByType: false, isFoundInAll: true }],
  [{ pageSize: 'ignored' }, { pageSize: 'ignored', pageLength: 20 }],
  [{ pageSize: 'honored' }, { pageSize: 'honored', pageLength: 26 }],
  [{ listingDelayMs: 1_200 }, { isFoundByType: true, listedAfter: expect.any(Number) }],
  [{ rateLimitHeaders: 'none' }, { headers: {}, readsCount: null }],
])('records the facts of an API with the modes %j', async (modes, expected) => {
  // More events than a page has by default.
  for (let event = 0; event < 25; event++) {
    const { status } = await fetch(`${sandbox.url}/v1/chat/events`, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        ...{ 'x-bot-id': 'acme', 'x-integration-id': 'anything' },
      },
      body: JSON.stringify({ type: 'thingMade', payload: {} }),
    });
    expect(status).toBe(201);
  }
  await sandbox.setModes(modes);
  const { code, out } = await check('--probe', 'shop', '--yes', '--json');
  expect(code).toBe(0);
  const { facts } = JSON.parse(out);
  expect(facts).toMatchObject(expected);
  if ('listingDelayMs' in modes) expect(facts.listedAfter).toBeGreaterThanOrEqual(1_200);
});

test('creates nothing without a confirmation', async () => {
  expect(await check('--probe', 'shop')).toMatchObject({
    code: 2,
    err: `error: One event of type sluiceProbe will be created in bot acme at ${sandbox.url}. Pass --yes to confirm.`,
  });
  const statements: string[] = [];
  const confirm = (answer: boolean) => async (statement: string) => {
    statements.push(statement);
    return answer;
  };
  const argv = ['connections', 'check', '--connections', file, '--probe', 'bot'];
  expect((await runIn({ confirm: confirm(false) }, ...argv)).code).toBe(1);
  expect(await events()).toEqual([]);
  expect((await runIn({ confirm: confirm(true) }, ...argv)).code).toBe(0);
  expect(await events()).toEqual(['sluiceProbe']);
  expect(new Set(statements).size).toBe(1);
});

test('creates nothing while Redis is down, and a check reports the facts as unknown', async () => {
  vi.stubEnv('REDIS_URL', `redis://127.0.0.1:${await freePort()}`);
  const { code, err } = await check('--probe', 'shop', '--yes');
  expect(code).toBe(1);
  expect(err).toMatch(/^error: Redis at \S+ does not respond/);
  expect(await events()).toEqual([]);
  expect((await check()).out).toMatch(/\nAPI facts: unknown\. Redis at \S+ does not respond/);
  expect(JSON.parse((await check('--json')).out).apiFacts).toBeNull();
});

test('explains a type that the integration does not define, and records nothing', async () => {
  const { code, err } = await check('--probe', 'strict', '--yes');
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(
      /^error: Botpress rejected the event: 400 \w+\. .* Define sluiceProbe, or pass --probe-type/,
    ),
  });
  expect(await rig.redis.keys('*api-facts*')).toEqual([]);
});

test('reports a lost answer as an event that may exist', async () => {
  await sandbox.addFault({ kind: 'reset', when: 'after' });
  expect(await check('--probe', 'bot', '--yes')).toMatchObject({
    code: 1,
    err: 'error: No usable answer: ECONNRESET. The event may exist. Nothing was recorded.',
  });
  const { out } = await check('--probe', 'bot', '--yes', '--json');
  expect(JSON.parse(out)).toMatchObject({ ok: false, connection: 'bot', call: { kind: 'ambiguous' } });
});

test.each([
  [['--probe', 'missing', '--yes'], 'Connection "missing" does not exist. Connections: shop, bot, strict.'],
  [['--probe', '--yes'], '--probe needs the id of a connection. Connections: shop, bot, strict.'],
  [['--probe', 'shop', '--offline'], '--probe calls Botpress. Omit --offline.'],
])('rejects %j', async (argv, problem) => {
  expect(await check(...argv)).toMatchObject({ code: 2, err: `error: ${problem}` });
  expect(await events()).toEqual([]);
});
