import { createHmac } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mapDelivery, parseWebhook, unpackWebhook, validateDelivery, verifyWebhook } from '@sluice/events';
import { readSharedFixtures } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import type { Connection } from './connection.ts';
import { loadConnections } from './load-connections.ts';

const FOLDER = fileURLToPath(new URL('../../../../config/examples/', import.meta.url));
const AT = 1_790_000_000;
const SECRET = 'example-test-secret';

/** Values for the variables of the examples, except the optional ones ending in _OLD. */
const env = Object.fromEntries(
  ['GITHUB', 'STRIPE'].flatMap((name) => [
    [`${name}_WEBHOOK_SECRET`, SECRET],
    [`${name}_BOT_ID`, 'b'],
    [`${name}_INTEGRATION_ID`, 'i'],
    [`${name}_BOTPRESS_TOKEN`, 't'],
  ]),
);

function example(name: string): Connection {
  const connection = loadConnections(`${FOLDER}${name}.yaml`, { env }).get(name);
  if (!connection) throw new Error(`${name}.yaml has no connection ${name}`);
  return connection;
}

interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function verify({ source, settings }: Connection, { headers, body }: Request, secret = SECRET, at = AT) {
  const webhook = { headers, body: Buffer.from(body), receivedAt: at * 1_000 };
  return verifyWebhook(source, webhook, { secrets: [secret], settings });
}

function receive(connection: Connection, request: Request) {
  const verification = verify(connection, request);
  if (!verification.ok) throw new Error(verification.why);
  const parsing = parseWebhook(verification.webhook);
  if (!parsing.ok) throw new Error(parsing.detail);
  return unpackWebhook(connection.source, connection, parsing.parsed);
}

function eventOf(connection: Connection, request: Request) {
  const [unpacked] = receive(connection, request).deliveries;
  if (!unpacked) return undefined;
  expect(validateDelivery(unpacked)).toEqual([]);
  const mapping = mapDelivery(unpacked.event, unpacked.delivery, connection.settings);
  if (!mapping.ok) throw new Error(mapping.message);
  return { ...mapping.event, key: unpacked.delivery.idempotencyKey };
}

const hmac = (content: string, secret = SECRET) => createHmac('sha256', secret).update(content).digest('hex');

const fromGithub = (event: string, body: string, id = 'd1'): Request => ({
  headers: {
    'x-github-event': event,
    'x-github-delivery': id,
    'x-hub-signature-256': `sha256=${hmac(body)}`,
  },
  body,
});

const fromStripe = (body: string, at = AT): Request => ({
  headers: { 'stripe-signature': `t=${at},v1=${hmac(`${at}.${body}`)},v0=${hmac('other')}` },
  body,
});

interface Capture {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

interface Vector {
  readonly name: string;
  readonly secret: string;
  readonly body: string;
  readonly signature: string;
}

const vectors = (name: RegExp) =>
  readSharedFixtures('signatures', name).flatMap(({ json }) => (json as { vectors: Vector[] }).vectors);

test('these tests cover every example', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(['github.yaml', 'stripe.yaml']);
});

describe('github.yaml', () => {
  const github = example('github');
  const published = vectors(/^github/);

  test.skipIf(published.length === 0)('verifies the published vectors', () => {
    expect(published).toHaveLength(3);
    for (const { name, secret, body, signature } of published) {
      const request = { headers: { 'x-hub-signature-256': signature }, body };
      expect(verify(github, request, secret), name).toMatchObject({ ok: true });
      expect(verify(github, request, `${secret} `), name).toMatchObject({ ok: false });
      expect(verify(github, { ...request, body: `${body} ` }, secret), name).toMatchObject({ ok: false });
      const bare = { headers: { 'x-hub-signature-256': signature.replace('sha256=', '') }, body };
      expect(verify(github, bare, secret), name).toMatchObject({ ok: false });
    }
  });

  const captured = readSharedFixtures('github');
  test.skipIf(captured.length === 0)('maps a captured push to an event and ignores a ping', () => {
    for (const { name, json } of captured) {
      const { headers, body } = json as Capture;
      const event = headers['x-github-event'] ?? '';
      const request = fromGithub(event, JSON.stringify(body), headers['x-github-delivery']);
      if (event === 'ping')
        expect(receive(github, request), name).toMatchObject({ deliveries: [], ignored: 1 });
      else {
        expect(eventOf(github, request), name).toMatchObject({
          type: 'githubPush',
          key: expect.stringContaining(String(headers['x-github-delivery'])),
          payload: { type: 'push', ref: 'refs/tags/demo', commits: expect.any(Array) },
        });
      }
    }
  });

  test('distinguishes actions', () => {
    const body = (action: string) =>
      JSON.stringify({
        action,
        issue: { number: 7, title: 'It leaks', html_url: 'https://example.com/7', user: { login: 'ada' } },
        repository: { full_name: 'acme/pipes' },
      });
    expect(eventOf(github, fromGithub('issues', body('opened')))).toMatchObject({
      type: 'githubIssueOpened',
      payload: { type: 'issues.opened', repository: 'acme/pipes', number: 7, author: 'ada' },
    });
    expect(eventOf(github, fromGithub('issues', body('labeled')))).toBeUndefined();
    expect(eventOf(github, fromGithub('pull_request', body('opened')))).toMatchObject({
      type: 'githubPullRequestOpened',
      payload: { data: { action: 'opened', issue: { number: 7 } } },
    });
  });
});

describe('stripe.yaml', () => {
  const stripe = example('stripe');
  const published = vectors(/^stripe/);

  test.skipIf(published.length === 0)('verifies t.body with the published primitive', () => {
    expect(published).toHaveLength(3);
    for (const { name, secret, body, signature } of published) {
      expect(hmac(body, secret), name).toBe(signature);
      const header = (at: number) => `t=${at},v1=${hmac(`${at}.${body}`, secret)}`;
      const request = { headers: { 'stripe-signature': header(AT) }, body };
      expect(verify(stripe, request, secret), name).toMatchObject({ ok: true });
      expect(verify(stripe, request, secret, AT + 299), name).toMatchObject({ ok: true });
      expect(verify(stripe, request, secret, AT + 301), name).toMatchObject({ ok: false });
      // A signature of the body alone is not a Stripe signature.
      const bare = { headers: { 'stripe-signature': `t=${AT},v1=${signature}` }, body };
      expect(verify(stripe, bare, secret), name).toMatchObject({ ok: false });
    }
  });

  test('accepts any v1 during a secret rotation', () => {
    const signature = `t=${AT},v1=${hmac(`${AT}.{}`, 'other')},v1=${hmac(`${AT}.{}`)}`;
    expect(verify(stripe, { headers: { 'stripe-signature': signature }, body: '{}' }).ok).toBe(true);
  });

  const captured = readSharedFixtures('stripe');
  test.skipIf(captured.length === 0)('maps a captured checkout to the same event on a resend', () => {
    for (const { name, json } of captured) {
      const body = JSON.stringify((json as Capture).body);
      const event = eventOf(stripe, fromStripe(body));
      expect(event, name).toMatchObject({
        type: 'stripeCheckoutCompleted',
        payload: {
          type: 'checkout.session.completed',
          eventId: 'evt_1MhUT6E0b6fckueSlc4GyvIi',
          email: 'hook@me.com',
          amount: 0,
        },
      });
      expect(eventOf(stripe, fromStripe(body, AT - 60))?.key).toBe(event?.key);
    }
  });

  test('quarantines a checkout without its session', () => {
    const body = '{"id":"evt_1","type":"checkout.session.completed","data":{}}';
    const [unpacked] = receive(stripe, fromStripe(body)).deliveries;
    if (!unpacked) throw new Error('ignored');
    expect(validateDelivery(unpacked)).toEqual([
      { path: 'data.object.id', message: 'is missing (required by the payload field session)' },
    ]);
  });
});
