import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { type FakeIngest, type Respond, startFakeIngest } from '../test-support/fake-ingest.ts';
import { run } from '../test-support/recording.ts';

const DEMO = fileURLToPath(new URL('../../../../config/connections.demo.yaml', import.meta.url));

let ingest: FakeIngest | undefined;

afterEach(() => ingest?.close());

async function send(respond: Respond | undefined, ...more: string[]) {
  ingest = await startFakeIngest(respond);
  const { received, seen, url } = ingest;
  const said = await run('send', 'shopify', 'orders/create', '--connections', DEMO, '--url', url, ...more);
  return { ...said, received, seen, url };
}

const answer = (status: number, result?: string): Respond => {
  return () => ({ status, body: result ? JSON.stringify({ result, deliveries: [] }) : '' });
};

test('one webhook arrives signed at the address of its connection, and its answer is told', async () => {
  const { code, out, received, url } = await send(undefined);
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({ path: 'POST /webhooks/demo-shopify', verified: true });
  expect(received[0]?.headers['x-shopify-topic']).toBe('orders/create');
  expect(out).toMatch(
    new RegExp(`^shopify orders/create to ${url}/webhooks/demo-shopify: 200 accepted dlv_1 in [\\d.]+ ms$`),
  );
  expect(code).toBe(0);
});

test('many are each different, verified, bounded in number at once and share their sockets', async () => {
  const { code, out, received, seen } = await send(undefined, '--count', '300');
  expect(received.every(({ verified }) => verified)).toBe(true);
  expect(new Set(received.map(({ body }) => JSON.parse(body).id)).size).toBe(300);
  expect(new Set(received.map(({ headers }) => headers['x-shopify-event-id'])).size).toBe(300);
  expect(seen.sockets).toBeLessThanOrEqual(50);
  expect(seen.atOnce).toBeLessThanOrEqual(50);
  expect(out).toMatch(/^sent 300 × shopify orders\/create to .* in [\d.]+ s/);
  expect(out).toContain('\n  300 × 200 accepted\n');
  expect(out).toMatch(/answered within [\d.]+ ms \(p50\), [\d.]+ ms \(p99\)$/);
  expect(code).toBe(0);
});

test('--same sends the very same bytes and headers', async () => {
  const { received } = await send(undefined, '--count', '20', '--same');
  const [first] = received;
  expect(received).toHaveLength(20);
  for (const { body, headers } of received) {
    expect(body).toBe(first?.body);
    expect(headers['x-shopify-event-id']).toBe(first?.headers['x-shopify-event-id']);
    expect(headers['x-shopify-hmac-sha256']).toBe(first?.headers['x-shopify-hmac-sha256']);
  }
});

test('answers are counted by status and result, and one that is not 2xx fails the command', async () => {
  const mixed: Respond = (received, index) =>
    (index <= 3 ? answer(200, 'duplicate') : index === 4 ? answer(503) : answer(200, 'accepted'))(
      received,
      index,
    );
  const { code, out } = await send(mixed, '--count', '10');
  expect(out).toContain('  6 × 200 accepted\n  3 × 200 duplicate\n  1 × 503\n');
  expect(code).toBe(1);
});

test('a single refusal is told with what it says, its control characters gone', async () => {
  const { code, out } = await send(() => ({ status: 415, body: 'not\u001b[31m here\n' }));
  expect(out).toContain(': 415 not [31m here in ');
  expect(code).toBe(1);
});

test('--json tells the same to programs', async () => {
  const { out, code } = await send(answer(200, 'quarantined'), '--count', '2', '--json');
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

test('a connection that breaks is counted as no answer', async () => {
  const server = createServer((request) => request.socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const argv = ['send', 'shopify', 'orders/create', '--connections', DEMO, '--url', url, '--count', '3'];
  const { code, out } = await run(...argv);
  server.close();
  expect(out).toContain('3 × no answer (ECONNRESET)');
  expect(code).toBe(1);
});

test('nobody there is one line with the remedy, however many were to be sent', async () => {
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
    err: `error: nothing listens at ${gone.url}  — is ingest running? npm start`,
  });
});

test.each([
  [
    ['send', 'fax', 'x', '--connections', DEMO],
    'there is no source "fax"; there are:\n  shopify orders/create',
  ],
  [
    ['send', 'shopify', 'x', '--connections', DEMO],
    'there is no sample of "x"; there are:\n  shopify orders/create',
  ],
  [
    ['send', 'shopify', 'orders/create', '--connections', DEMO, '--connection', 'x'],
    `the connection "x" is not in the file; ${DEMO} has of shopify: demo-shopify`,
  ],
  [['send', 'shopify', 'orders/create', '--count', '0'], 'Expected a whole number from 1'],
  [['send', 'shopify', 'orders/create', '--rate', '-1'], 'Expected a number above 0'],
  [
    ['send', 'shopify', 'orders/create', '--url', 'localhost:3000'],
    'Expected an http:// or https:// address',
  ],
  [['send', 'shopify'], "missing required argument 'topic'"],
  [['send', 'shopify', 'orders/create', '--cuont', '2'], 'Did you mean --count?'],
])('called wrongly: %j', async (argv, said) => {
  const { code, err, out } = await run(...argv);
  expect(err).toContain(said);
  expect(out).toBe('');
  expect(code).toBe(2);
});

test('help is no failure', async () => {
  const { code, out } = await run('send', '--help');
  expect(out).toContain('Example: sluice send shopify orders/create --count 100 --rate 20');
  expect(code).toBe(0);
});
