import { Client } from '@botpress/client';
import { Integration, isApiError, RuntimeError } from '@botpress/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildClient2 } from '../../libs/testing/src/client-2.ts';
import { type RunningSandbox, startSandbox } from '../../libs/testing/src/start-sandbox.ts';
import { implementSluiceIntegration } from '../src/implement-sluice-integration.ts';
import type { SourceDefinition } from '../src/sluice-events.ts';
import { convertEvents, directoryOf, loadDefinition } from './botpress-cli.ts';
import { installIntegration } from './install-integration.ts';
import { sampleOf, settings, sources } from './sources.ts';

const botpress = { Client, Integration, isApiError, RuntimeError };

/** Deployed integrations contain client 2.x. It is built from its source where that is available. */
const client2 = await buildClient2();
const clients: [string, typeof Client][] = [['1.x', Client]];
if ('clientClass' in client2) clients.push([client2.version, client2.clientClass as typeof Client]);
else test.skip(`the handler with client 2.x: ${client2.missing}`);

const SECRET = 'shh-of-the-test';
const PAYLOAD_MARK = 'Übersetzung der Rechnung';

let sandbox: RunningSandbox;
const log = vi.spyOn(console, 'info');
const errors = [vi.spyOn(console, 'error'), vi.spyOn(console, 'warn'), log];

beforeAll(async () => {
  sandbox = await startSandbox();
  process.env.BP_API_URL = sandbox.url;
  process.env.BP_TOKEN = 'token-of-the-test';
  for (const spy of errors) spy.mockImplementation(() => {});
  // As deployed: Botpress validates payloads against the schemas that the SDK makes.
  for (const { name } of sources) {
    const events = convertEvents(await loadDefinition(directoryOf(name)));
    const answer = await fetch(`${sandbox.url}/sandbox/integrations/${name}`, {
      method: 'PUT',
      body: JSON.stringify({ events }),
    });
    expect(answer.status).toBe(200);
  }
});

afterAll(() => sandbox.stop());

afterEach(async () => {
  const lines = errors.flatMap((spy) => spy.mock.calls.flat()).join('\n');
  expect(lines).not.toContain(SECRET);
  expect(lines).not.toContain('token-of-the-test');
  expect(lines).not.toContain(PAYLOAD_MARK);
  for (const spy of errors) spy.mockClear();
  await sandbox.clearFaults();
  await sandbox.reset();
});

const sourceOf = (name: string) => {
  const source = sources.find((one) => one.name === name);
  if (!source) throw new Error(`no source ${name}`);
  return source;
};

const sample = (source: SourceDefinition, topic: string, number = 1, secret = SECRET) =>
  sampleOf(source, topic, secret, number);

/** Installs the integration with all events enabled. */
function installed(
  source: SourceDefinition,
  more: Record<string, unknown> = {},
  bot?: string,
  packages = botpress,
) {
  const events = Object.fromEntries(source.events.map(({ name }) => [name, true]));
  const configuration = { secret: SECRET, events, ...settings[source.name], ...more };
  return installIntegration(implementSluiceIntegration(source, packages), source.name, configuration, bot);
}

const topics = sources.flatMap((source) =>
  (source.samples?.topics ?? []).map((topic) => ({ name: `${source.name} ${topic}`, source, topic })),
);

describe('a webhook becomes its event', () => {
  test.each(topics)('$name', async ({ source, topic }) => {
    const { status, body } = await installed(source).receive(sample(source, topic));
    expect(status).toBe(200);
    const calls = await sandbox.calls();
    const types = new Set(calls.map((call) => call.type));
    expect(calls.filter((call) => call.status !== 201)).toEqual([]);
    const event = source.events.find((one) => [one.topic].flat().includes(topic));
    const isCompliance = source.compliance?.some((request) => request.topic === topic) ?? false;
    if (event) expect(types).toContain(event.name);
    if (isCompliance) expect(calls).toEqual([]);
    if (source.reply === 'empty') expect(body).toBe('');
    else expect(JSON.parse(body ?? '').result).toBe(calls.length > 0 ? 'created' : 'ignored');
  });
});

describe('a webhook without an event', () => {
  const linear = sourceOf('linear');

  test('a wrong signature, a missing signature and a wrong secret get the same 401', async () => {
    const request = sample(linear, 'Issue.create');
    const forged = sample(linear, 'Issue.create', 1, 'another secret');
    const responses = [
      await installed(linear).receive({ ...request, body: `${request.body} ` }),
      await installed(linear).receive({ ...request, headers: {} }),
      await installed(linear).receive(forged),
      await installed(linear, { previousSecret: 'wrong too' }).receive(forged),
    ];
    expect(new Set(responses.map((response) => JSON.stringify(response))).size).toBe(1);
    expect(responses[0]?.status).toBe(401);
    expect(await sandbox.calls()).toEqual([]);
  });

  test('the previous secret is accepted', async () => {
    const request = sample(linear, 'Issue.create', 2, 'before');
    expect((await installed(linear, { previousSecret: 'before' }).receive(request)).status).toBe(200);
  });

  test('header names are case-insensitive', async () => {
    const { headers, body } = sample(linear, 'Issue.create');
    const upperCase = Object.fromEntries(
      Object.entries(headers).map(([key, value]) => [key.toUpperCase(), value]),
    );
    expect((await installed(linear).receive({ headers: upperCase, body })).status).toBe(200);
  });

  test('a verified body that is not JSON gets 400', async () => {
    const { headers, body } = sample(linear, 'Issue.create');
    const broken = linear.samples?.sign({ headers, body: body.slice(0, -1) }, SECRET);
    expect((await installed(linear).receive(broken ?? {})).status).toBe(400);
  });

  test('a disabled topic gets 200 and creates no event', async () => {
    const off = { events: { issueCreated: false } };
    const { status, body } = await installed(linear, off).receive(sample(linear, 'Issue.create'));
    expect([status, body]).toEqual([200, '{"result":"ignored","deliveries":[]}']);
    expect(await sandbox.calls()).toEqual([]);
  });

  test('an invalid webhook gets 200, creates no event and logs an error', async () => {
    const { headers, body } = sample(linear, 'Issue.create');
    const invalid = JSON.stringify({ ...JSON.parse(body), data: { title: PAYLOAD_MARK } });
    const request = linear.samples?.sign({ headers, body: invalid }, SECRET);
    expect((await installed(linear).receive(request ?? {})).status).toBe(200);
    expect(await sandbox.calls()).toEqual([]);
    expect(errors.flatMap((spy) => spy.mock.calls.flat()).join('\n')).toMatch(
      /lost: does not match issueCreated/,
    );
  });

  test('other methods get 405', async () => {
    expect((await installed(linear).receive({ method: 'PUT' })).status).toBe(405);
  });
});

describe('the handshake', () => {
  const query = (token: string) => `hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=1158201444`;

  test('gets the challenge, or 403 for a wrong token', async () => {
    const whatsapp = installed(sourceOf('whatsapp'));
    const right = await whatsapp.receive({ method: 'GET', query: query('acme-verify') });
    expect(right).toEqual({ status: 200, headers: { 'content-type': 'text/plain' }, body: '1158201444' });
    const wrong = await whatsapp.receive({ method: 'GET', query: query('guess') });
    expect(wrong).toMatchObject({ status: 403, body: 'forbidden' });
    const none = await installed(sourceOf('linear')).receive({ method: 'GET', query: query('acme-verify') });
    expect(none).toMatchObject({ status: 403, body: 'forbidden' });
  });
});

describe.each(clients)('with client %s, a createEvent call', (_version, client) => {
  const withClient = (source: SourceDefinition) =>
    installed(source, {}, undefined, { ...botpress, Client: client });
  const shopify = sourceOf('shopify');
  const send = (number = 1) => withClient(shopify).receive(sample(shopify, 'orders/create', number));

  test('creates the event', async () => {
    expect((await send()).status).toBe(200);
    expect(await sandbox.calls()).toHaveLength(1);
  });

  test.each([
    ['an error of Botpress', { kind: 'error', error: 'Internal' }],
    ['a rate limit', { kind: 'rate-limited', retryAfterSeconds: 60 }],
    ['an invalid payload', { kind: 'error', error: 'InvalidPayload' }],
  ])('that fails by %s gives 503 and is not repeated', async (_, fault) => {
    await sandbox.addFault(fault);
    const start = performance.now();
    const { status, headers } = await send();
    expect(status).toBe(503);
    expect(headers?.['retry-after']).toBe('30');
    expect(performance.now() - start).toBeLessThan(3_000);
    expect(await sandbox.calls()).toHaveLength(1);
  });

  test('whose response is lost gives 503, and the resend has the same delivery id', async () => {
    await sandbox.addFault({ kind: 'reset', when: 'after', times: 1 });
    const request = sample(shopify, 'orders/create');
    const first = await withClient(shopify).receive(request);
    const second = await withClient(shopify).receive(request);
    expect([first.status, second.status]).toEqual([503, 200]);
    expect(await sandbox.calls()).toHaveLength(2);
    // Without a queue the event is created twice, with the same deliveryId.
    const { commits, distinct } = await sandbox.ledger();
    expect({ commits, distinct }).toEqual({ commits: 2, distinct: 1 });
  });

  test.each([
    ['with an invalid payload does not stop the others', { error: 'InvalidPayload' }, [201, 201, 400]],
    ['that gets a server error stops the others', { error: 'Internal' }, [500]],
    ['that gets a rate limit stops the others', { error: 'RateLimited' }, [429]],
    ['that gets an invalid token stops the others', { error: 'Unauthorized' }, [401]],
  ])('for one event of a webhook %s', async (_, fault, statuses) => {
    const telegram = sourceOf('telegram');
    const { headers, body } = sample(telegram, 'message.new_chat_members');
    const update = JSON.parse(body);
    const [member] = update.message.new_chat_members;
    update.message.new_chat_members = [1, 2, 3].map((id) => ({ ...member, id }));
    await sandbox.addFault({ kind: 'error', times: 1, ...fault });
    const { status } = await withClient(telegram).receive({ headers, body: JSON.stringify(update) });
    expect(status).toBe(503);
    expect((await sandbox.calls()).map((call) => call.status).sort()).toEqual(statuses);
  });
});

describe('delivery ids', () => {
  const shopify = sourceOf('shopify');

  test('the same webhook for another bot has another delivery id', async () => {
    const request = sample(shopify, 'orders/create');
    const ids = await Promise.all(
      ['bot-1', 'bot-1', 'bot-2'].map(async (bot) => {
        const { body } = await installed(shopify, {}, bot).receive(request);
        return JSON.parse(body ?? '').deliveries[0];
      }),
    );
    expect(ids[0]).toMatch(/^dlv_[0-9a-f]{32}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });
});

describe('the configuration', () => {
  const shopify = sourceOf('shopify');

  test('a missing setting rejects the installation, and webhooks get 503', async () => {
    const broken = installed(shopify, { shopName: '' });
    const { status, body } = await broken.register();
    expect(status).toBe(400);
    expect(JSON.parse(body ?? '').message).toMatch(/shopName/);
    expect((await broken.receive(sample(shopify, 'orders/create'))).status).toBe(503);
  });

  test('a valid configuration is accepted', async () => {
    expect((await installed(shopify).register()).status).toBe(200);
  });

  test('without a secret the installation is accepted and every webhook gets 401', async () => {
    const eventsOnly = installIntegration(implementSluiceIntegration(shopify, botpress), shopify.name, {});
    expect((await eventsOnly.register()).status).toBe(200);
    for (const secret of [SECRET, '', 'undefined']) {
      expect((await eventsOnly.receive(sample(shopify, 'orders/create', 1, secret))).status).toBe(401);
    }
    expect(await sandbox.calls()).toEqual([]);
  });

  test('an unexpected error gets 503 instead of the 400 of the SDK, and its log line quotes nothing', async () => {
    const broken: SourceDefinition = {
      ...shopify,
      unpack: () => {
        throw new SyntaxError(PAYLOAD_MARK);
      },
    };
    expect((await installed(broken).receive(sample(shopify, 'orders/create'))).status).toBe(503);
    expect(errors.flatMap((spy) => spy.mock.calls.flat()).join('\n')).toContain(
      'webhook failed: SyntaxError',
    );
  });
});
