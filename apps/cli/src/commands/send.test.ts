import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { type FakeIngest, type Respond, startFakeIngest } from '../test-support/fake-ingest.ts';
import { run } from '../test-support/run.ts';

const DEMO = fileURLToPath(new URL('../../../../config/connections.demo.yaml', import.meta.url));

let ingest: FakeIngest | undefined;

afterEach(() => ingest?.close());

async function send(respond: Respond | undefined, ...more: string[]) {
  ingest = await startFakeIngest(respond);
  const { received, load, url } = ingest;
  const result = await run('send', 'shopify', 'orders/create', '--connections', DEMO, '--url', url, ...more);
  return { ...result, received, load, url };
}

const respondWith = (status: number, result?: string): Respond => {
  return () => ({ status, body: result ? JSON.stringify({ result, deliveries: [] }) : '' });
};

test('sends one signed webhook to the address of its connection and prints the response', async () => {
  const { code, out, received, url } = await send(undefined);
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({ path: 'POST /webhooks/demo-shopify', verified: true });
  expect(received[0]?.headers['x-shopify-topic']).toBe('orders/create');
  expect(out).toMatch(
    new RegExp(`^shopify orders/create to ${url}/webhooks/demo-shopify: 200 accepted dlv_1 in [\\d.]+ ms$`),
  );
  expect(code).toBe(0);
});

test('sends many different webhooks, with limited concurrency and shared sockets', async () => {
  const { code, out, received, load } = await send(undefined, '--count', '300');
  expect(received.every(({ verified }) => verified)).toBe(true);
  expect(new Set(received.map(({ body }) => JSON.parse(body).id)).size).toBe(300);
  expect(new Set(received.map(({ headers }) => headers['x-shopify-event-id'])).size).toBe(300);
  expect(load.sockets).toBeLessThanOrEqual(50);
  expect(load.maxConcurrent).toBeLessThanOrEqual(50);
  expect(out).toMatch(/^Sent 300 × shopify orders\/create to .* in [\d.]+ s/);
  expect(out).toContain('\n  300 × 200 accepted\n');
  expect(out).toMatch(/Response time: [\d.]+ ms \(p50\), [\d.]+ ms \(p99\)$/);
  expect(code).toBe(0);
});

test('sends the same bytes and headers with --same', async () => {
  const { received } = await send(undefined, '--count', '20', '--same');
  const [first] = received;
  expect(received).toHaveLength(20);
  for (const { body, headers } of received) {
    expect(body).toBe(first?.body);
    expect(headers['x-shopify-event-id']).toBe(first?.headers['x-shopify-event-id']);
    expect(headers['x-shopify-hmac-sha256']).toBe(first?.headers['x-shopify-hmac-sha256']);
  }
});

test('counts responses by status and result, and exits with 1 if one is not 2xx', async () => {
  const mixed: Respond = (received, index) =>
    (index <= 3
      ? respondWith(200, 'duplicate')
      : index === 4
        ? respondWith(503)
        : respondWith(200, 'accepted'))(received, index);
  const { code, out } = await send(mixed, '--count', '10');
  expect(out).toContain('  6 × 200 accepted\n  3 × 200 duplicate\n  1 × 503\n');
  expect(code).toBe(1);
});

test('prints the body of a rejection without control characters', async () => {
  const { code, out } = await send(() => ({ status: 415, body: 'wrong\u001b[31m type\n' }));
  expect(out).toContain(': 415 wrong [31m type in ');
  expect(code).toBe(1);
});

test('prints the same as JSON', async () => {
  const { out, code } = await send(respondWith(200, 'quarantined'), '--count', '2', '--json');
  expect(JSON.parse(out)).toMatchObject({
    connection: 'demo-shopify',
    ok: true,
    sent: 2,
    answers: [{ status: 200, result: 'quarantined', count: 2 }],
    failures: [],
    latencyMs: { p50: expect.any(Number), p99: expect.any(Number) },
  });
  expect(code).toBe(0);
});

test('counts a broken connection as no response', async () => {
  const server = createServer((request) => request.socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const argv = ['send', 'shopify', 'orders/create', '--connections', DEMO, '--url', url, '--count', '3'];
  const { code, out } = await run(...argv);
  server.close();
  expect(out).toContain('3 × no response (ECONNRESET)');
  expect(code).toBe(1);
});

test('reports a closed port in one line, for any number of webhooks', async () => {
  const gone = await startFakeIngest();
  await gone.close();
  const argv = [
    'send',
    'shopify',
    'orders/create',
    '--connections',
    DEMO,
    '--url',
    gone.url,
    '--count',
    '5000',
  ];
  expect(await run(...argv)).toEqual({
    code: 1,
    out: '',
    err: `error: Nothing listens at ${gone.url}. Start ingest, for example npm start.`,
  });
});

test.each([
  [
    ['send', 'fax', 'x', '--connections', DEMO],
    'Unknown source "fax". Sources and topics:\n  shopify orders/create',
  ],
  [
    ['send', 'shopify', 'x', '--connections', DEMO],
    'No sample for topic "x". Sources and topics:\n  shopify orders/create',
  ],
  [
    ['send', 'shopify', 'orders/create', '--connections', DEMO, '--connection', 'x'],
    `Connection "x" is not in ${DEMO}. Connections of shopify: demo-shopify.`,
  ],
  [['send', 'shopify', 'orders/create', '--count', '0'], 'Expected a whole number from 1'],
  [['send', 'shopify', 'orders/create', '--rate', '-1'], 'Expected a number above 0'],
  [
    ['send', 'shopify', 'orders/create', '--url', 'localhost:3000'],
    'Expected an http:// or https:// address',
  ],
  [['send', 'shopify'], "missing required argument 'topic'"],
  [['send', 'shopify', 'orders/create', '--cuont', '2'], 'Did you mean --count?'],
])('exits with 2 for invalid usage: %j', async (argv, message) => {
  const { code, err, out } = await run(...argv);
  expect(err).toContain(message);
  expect(out).toBe('');
  expect(code).toBe(2);
});

test('exits with 0 for --help', async () => {
  const { code, out } = await run('send', '--help');
  expect(out).toContain('Example: sluice send shopify orders/create --count 100 --rate 20');
  expect(code).toBe(0);
});
