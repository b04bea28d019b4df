import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSourceRegistry } from '@sluice/events';
import { type RunningPipeline, runSluice, startPipeline } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const BOT_USER = 'b0000000-0000-4000-8000-000000000001';
const botpress = { botId: 'demo-bot', integrationId: 'demo-integration', token: 'demo-token' };
const connections = [
  {
    id: 'acme-issues',
    source: 'linear',
    secrets: ['linear-demo-secret'],
    settings: { ignoreActors: [BOT_USER] },
    botpress,
  },
  {
    id: 'acme-chat',
    source: 'whatsapp',
    secrets: ['whatsapp-demo-secret'],
    settings: { verifyToken: 'token' },
    topics: { messages: true },
    unless: [{ path: 'message.from', value: ['15550001', '15550002'] }],
    botpress,
  },
];

let pipeline: RunningPipeline;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-ignored-'));
  const path = join(folder, 'connections.json');
  await writeFile(path, JSON.stringify({ connections }));
  pipeline = await startPipeline({ env: { SLUICE_CONNECTIONS: path } });
});

afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Signs and posts a body, and returns the response and the log line of the webhook. */
async function post(source: string, connection: string, json: object) {
  const samples = createSourceRegistry().get(source)?.samples;
  if (!samples) throw new Error(`${source} has no samples`);
  const request = samples.sign(
    { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) },
    `${source}-demo-secret`,
  );
  const seen = pipeline.ingest.lines.seen.length;
  const response = await fetch(pipeline.webhookUrl(connection), { method: 'POST', ...request });
  const line = await pipeline.ingest.lines.waitFor(
    (one) => one.msg === 'webhook.ingested' && pipeline.ingest.lines.seen.indexOf(one) >= seen,
  );
  return { status: response.status, body: await response.json(), line };
}

const commentBy = (id: string, author: string) => {
  const at = new Date().toISOString();
  return {
    ...{ type: 'Comment', action: 'create', createdAt: at, webhookTimestamp: Date.now() },
    actor: { id: author, name: 'Ada', type: 'user' },
    data: { id, body: 'Done.', createdAt: at, updatedAt: at, userId: author },
  };
};

const messagesFrom = (...senders: string[]) => {
  const messages = senders.map((from, index) => ({
    ...{ id: `wamid.${from}.${index}`, from, timestamp: '1790000000', type: 'text', text: { body: 'Hello' } },
  }));
  const value = { metadata: { display_phone_number: '1', phone_number_id: '106' }, messages };
  return { entry: [{ id: '9', changes: [{ field: 'messages', value }] }] };
};

test('ignored deliveries get a 200, create no event, and appear in log, metric and ledger', async () => {
  const own = await post('linear', 'acme-issues', commentBy('c1', BOT_USER));
  expect(own).toMatchObject({
    status: 200,
    body: { result: 'ignored', deliveries: [] },
    line: { connection: 'acme-issues', result: 'ignored', ignored: { actor: 1 } },
  });
  const other = await post('linear', 'acme-issues', commentBy('c2', 'another user'));
  expect(other).toMatchObject({ status: 200, body: { result: 'accepted' } });
  expect(other.line).not.toHaveProperty('ignored');
  const batch = await post('whatsapp', 'acme-chat', messagesFrom('15550001', '15550003', '15550002'));
  expect(batch.line).toMatchObject({ result: 'accepted', count: 1, ignored: { unless: 2 } });

  await pipeline.sandbox.waitFor({ distinct: 2 });
  const calls = await pipeline.sandbox.calls();
  expect(calls.map(({ type }) => type).toSorted()).toEqual(['commentCreated', 'messageReceived']);

  const metrics = await (await fetch(`${String(pipeline.ingest.ready.metricsUrl)}/metrics`)).text();
  expect(metrics.split('\n').filter((line) => line.startsWith('sluice_deliveries_ignored_total'))).toEqual([
    'sluice_deliveries_ignored_total{connection="acme-issues",source="linear",reason="actor"} 1',
    'sluice_deliveries_ignored_total{connection="acme-chat",source="whatsapp",reason="unless"} 2',
  ]);

  // Counts without deliveries are written within a second.
  await expect
    .poll(
      async () =>
        (await ledger()).map(({ connection, accepted, ignored }) => [connection, accepted, ignored]),
      {
        timeout: 20_000,
      },
    )
    .toEqual([
      ['acme-chat', 1, 2],
      ['acme-issues', 1, 1],
    ]);
});

async function ledger() {
  const { code, stdout } = await (await runSluice(['ledger', '--json'], pipeline.env)).ended;
  expect(code).toBe(0);
  const { connections: rows } = JSON.parse(stdout) as {
    connections: { connection: string; accepted: number; ignored: number }[];
  };
  return rows;
}
