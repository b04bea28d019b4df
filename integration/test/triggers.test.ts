import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSluice } from '../../libs/testing/src/run-sluice.ts';
import { type RunningPipeline, startPipeline } from '../../libs/testing/src/start-pipeline.ts';
import { convertEvents, directoryOf, loadDefinition, loadHandler } from './botpress-cli.ts';

/**
 * From a webhook to an event that Botpress accepts: the integrations are generated, converted as by `bp deploy` and
 * installed. The sandbox rejects any event or field that an installed integration does not define.
 */

const HERE = fileURLToPath(new URL('.', import.meta.url));
const SECRET = 'secret-of-the-trigger-test';

const example = (name: string) => readFileSync(`${HERE}../../config/examples/${name}.yaml`, 'utf8');

/** An invented platform that names no events: its webhooks become `received`. */
const GATEWATCH = `
  - id: gatewatch
    source: custom
    secrets: [${SECRET}]
    settings:
      signature: { kind: hmac, header: X-Gatewatch-Signature, encoding: base64, algorithm: sha512 }
      topic: { path: what }
      idempotencyKey: { path: uid }
    botpress: { botId: bot-of-gatewatch, integrationId: generic, token: t }
`;

const env = Object.fromEntries(
  ['GITHUB', 'STRIPE'].flatMap((name) => [
    [`${name}_WEBHOOK_SECRET`, SECRET],
    [`${name}_BOT_ID`, `bot-of-${name.toLowerCase()}`],
    [`${name}_INTEGRATION_ID`, name.toLowerCase()],
    [`${name}_BOTPRESS_TOKEN`, 't'],
  ]),
);

/** Id of the integration of each connection. */
const INTEGRATIONS = { github: 'github', stripe: 'stripe', gatewatch: 'generic' };

/** Below this package, so that the generated folders find its SDK. */
let folder: string;
let file: string;
let pipeline: RunningPipeline;

beforeAll(async () => {
  folder = mkdtempSync(`${HERE}.triggers-`);
  file = join(folder, 'connections.yaml');
  const stripe = example('stripe').split('connections:\n')[1];
  writeFileSync(file, `${example('github')}${stripe}${GATEWATCH}`);
  pipeline = await startPipeline({ env: { ...env, SLUICE_CONNECTIONS: file } });
  await pipeline.sandbox.setModes({ definitions: 'required' });
});

afterAll(async () => {
  await pipeline?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function sluice(...argv: string[]) {
  const { code, stdout, stderr } = await (await runSluice(argv, { ...pipeline.env, ...env })).ended;
  return { code, text: stdout + stderr };
}

const checkConnections = () =>
  sluice('connections', 'check', '--workspace', 'wkspace_1', '--connections', file);

async function put(path: string, body: unknown): Promise<void> {
  const url = `${pipeline.sandbox.url}/sandbox/${path}`;
  const { status } = await fetch(url, { method: 'PUT', body: JSON.stringify(body) });
  expect(status).toBe(200);
}

/** Deploys an integration with these events, and installs it in the bot of a connection. */
async function install(connection: string, integrationId: string, events: unknown): Promise<void> {
  await put(`integrations/${integrationId}`, { events });
  await put(`bots/bot-of-${connection}`, { integrations: { [integrationId]: integrationId } });
}

const eventsIn = async (directory: string) => convertEvents(await loadDefinition(directory));

async function eventsOf(connection: string, integrationId: string): Promise<readonly unknown[]> {
  const headers = {
    authorization: 'Bearer t',
    'x-bot-id': `bot-of-${connection}`,
    'x-integration-id': integrationId,
  };
  const response = await fetch(`${pipeline.sandbox.url}/v1/chat/events`, { headers });
  const { events } = (await response.json()) as { events: { type: string; payload: unknown }[] };
  return events.map(({ type, payload }) => ({ type, payload }));
}

async function post(connection: string, headers: Record<string, string>, body: string): Promise<void> {
  const response = await fetch(pipeline.webhookUrl(connection), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  expect({ status: response.status, body: await response.json() }).toMatchObject({
    status: 200,
    body: { result: 'accepted' },
  });
}

const hmac = (algorithm: string, text: string) => createHmac(algorithm, SECRET).update(text);
const deliveryId = expect.stringMatching(/^dlv_/);

test('connections check rejects the connections before their integrations are deployed', async () => {
  for (const [connection, integrationId] of Object.entries(INTEGRATIONS)) {
    await install(connection, integrationId, { somethingElse: { schema: {} } });
  }
  const { code, text } = await checkConnections();
  expect(code).toBe(1);
  expect(text).toContain('sluice integration generate --connection github');
  expect(text).toMatch(/gatewatch .* undefined events \[received\]: deploy integration\/generic/);
});

test('generated integrations of GitHub and Stripe are built, converted and accepted', async () => {
  for (const name of ['github', 'stripe']) {
    const directory = join(folder, name);
    const argv = ['--connections', file, '--connection', name, '--out', directory];
    const { code, text } = await sluice('integration', 'generate', ...argv);
    expect(code, text).toBe(0);
    await install(name, name, await eventsIn(directory));
    const handler = await loadHandler(directory);
    const headers = {
      'x-bot-id': 'b',
      'x-bot-user-id': 'u',
      'x-integration-id': 'i',
      'x-integration-alias': 'a',
      'x-webhook-id': 'w',
      'x-bp-configuration': Buffer.from('{}').toString('base64'),
    };
    for (const operation of ['register', 'unregister']) {
      const request = {
        headers: { ...headers, 'x-bp-operation': operation },
        body: '{"webhookUrl":"https://x"}',
      };
      expect(await handler(request)).toMatchObject({ status: 200 });
    }
  }
  await install('gatewatch', 'generic', await eventsIn(directoryOf('generic')));
  const { code, text } = await checkConnections();
  expect(text).toContain('Botpress: 3 ok, 0 failed');
  expect(code).toBe(0);
});

test('a GitHub webhook becomes an event of its integration', async () => {
  const body = JSON.stringify({
    action: 'opened',
    issue: {
      number: 7,
      title: 'Übersicht',
      html_url: 'https://github.com/acme/app/issues/7',
      user: { login: 'ann' },
    },
    repository: { full_name: 'acme/app' },
  });
  const headers = {
    'x-github-event': 'issues',
    'x-github-delivery': 'd-1',
    'x-hub-signature-256': `sha256=${hmac('sha256', body).digest('hex')}`,
  };
  await post('github', headers, body);
  await pipeline.sandbox.waitFor({ distinct: 1 });
  expect(await eventsOf('github', 'github')).toEqual([
    {
      type: 'githubIssueOpened',
      payload: {
        type: 'issues.opened',
        repository: 'acme/app',
        number: 7,
        title: 'Übersicht',
        url: 'https://github.com/acme/app/issues/7',
        author: 'ann',
        deliveryId,
      },
    },
  ]);
});

test('a Stripe webhook becomes an event of its integration', async () => {
  const session = {
    id: 'cs_1',
    customer: null,
    customer_details: { email: 'ann@example.com' },
    amount_total: 4200,
  };
  const body = JSON.stringify({ id: 'evt_1', type: 'checkout.session.completed', data: { object: session } });
  const at = Math.floor(Date.now() / 1_000);
  const signature = hmac('sha256', `${at}.${body}`).digest('hex');
  await post('stripe', { 'stripe-signature': `t=${at},v1=${signature}` }, body);
  await pipeline.sandbox.waitFor({ distinct: 2 });
  expect(await eventsOf('stripe', 'stripe')).toEqual([
    {
      type: 'stripeCheckoutCompleted',
      payload: {
        type: 'checkout.session.completed',
        eventId: 'evt_1',
        session: 'cs_1',
        email: 'ann@example.com',
        amount: 4200,
        deliveryId,
      },
    },
  ]);
});

test('a webhook of an invented platform becomes the event of the generic integration', async () => {
  const body = JSON.stringify({ what: 'gate.opened', uid: 'g-1', gate: { level: 3.5, alarms: [null] } });
  await post('gatewatch', { 'x-gatewatch-signature': hmac('sha512', body).digest('base64') }, body);
  await pipeline.sandbox.waitFor({ distinct: 3 });
  expect(await eventsOf('gatewatch', 'generic')).toEqual([
    {
      type: 'received',
      payload: {
        source: 'custom',
        connection: 'gatewatch',
        topic: 'gate.opened',
        occurredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        data: JSON.parse(body),
        deliveryId,
      },
    },
  ]);
  expect(await pipeline.sandbox.ledger()).toMatchObject({ commits: 3, distinct: 3, doubled: {} });
});
