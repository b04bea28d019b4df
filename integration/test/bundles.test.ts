import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type RunningSandbox, startSandbox } from '../../libs/testing/src/start-sandbox.ts';
import {
  convertEvents,
  directoryOf,
  folders,
  type LambdaHandler,
  loadDefinition,
  loadHandler,
} from './botpress-cli.ts';
import { sampleOf, settings, sources } from './sources.ts';

const SECRET = 'secret-of-the-bundle';

let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
  process.env.BP_API_URL = sandbox.url;
  process.env.BP_TOKEN = 'token-of-the-test';
  for (const method of ['info', 'warn', 'error'] as const)
    vi.spyOn(console, method).mockImplementation(() => {});
});

afterAll(() => sandbox.stop());

afterEach(() => sandbox.reset());

describe.each(folders)('the deployed code of %s', (folder) => {
  const source = sources.find(({ name }) => name === folder);
  let handler: LambdaHandler;

  beforeAll(async () => {
    handler = await loadHandler(directoryOf(folder));
    // As deployed: Botpress accepts only payloads of the definition.
    const events = convertEvents(await loadDefinition(directoryOf(folder)));
    const answer = await fetch(`${sandbox.url}/sandbox/integrations/${folder}`, {
      method: 'PUT',
      body: JSON.stringify({ events }),
    });
    expect(answer.status).toBe(200);
  });

  const call = async (operation: string, payload: object, configuration: object = {}) => {
    const headers = {
      'x-bot-id': 'bot-1',
      'x-bot-user-id': 'user-1',
      'x-integration-id': folder,
      'x-integration-alias': folder,
      'x-webhook-id': 'webhook-1',
      'x-bp-operation': operation,
      'x-bp-configuration': Buffer.from(JSON.stringify(configuration)).toString('base64'),
    };
    return handler({ headers, body: JSON.stringify(payload) });
  };
  const webhookUrl = 'https://webhook.botpress.cloud/webhook-1';
  const request = (more: object) => ({ req: { method: 'POST', path: '', query: '', headers: {}, ...more } });

  test('accepts ping, register and unregister', async () => {
    for (const operation of ['ping', 'register', 'unregister']) {
      expect(await call(operation, { webhookUrl })).toMatchObject({ status: 200 });
    }
  });

  test('rejects a webhook without a configured secret', async () => {
    const { status } = (await call('webhook_received', request({ body: '{}' }))) ?? {};
    expect(status).toBe(source ? 401 : 404);
  });

  test.runIf(source)('turns a signed webhook into an event that its definition accepts', async () => {
    if (!source) throw new Error('no source');
    const topic = source.samples?.topics[0] ?? '';
    const events = Object.fromEntries(source.events.map(({ name }) => [name, true]));
    const configuration = { secret: SECRET, events, ...settings[source.name] };
    const { status } =
      (await call('webhook_received', request(sampleOf(source, topic, SECRET)), configuration)) ?? {};
    expect(status).toBe(200);
    const statuses = (await sandbox.calls()).map((one) => one.status);
    expect([...new Set(statuses)]).toEqual([201]);
  });
});
