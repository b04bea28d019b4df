import * as botpress from '@botpress/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { API_ERROR_TYPES, API_ERRORS } from './responses.ts';
import { startTestSandbox, type TestSandbox } from './testing/start-test-sandbox.ts';

let sandbox: TestSandbox;
beforeEach(async () => {
  sandbox = await startTestSandbox();
});
afterEach(() => sandbox.close());

const EVENT = { type: 'made', payload: { deliveryId: 'd1' } };

async function addFault(fault: Record<string, unknown>): Promise<string> {
  const { status, body } = await sandbox.control<{ fault: { id: string } }>('POST', '/faults', fault);
  expect(status).toBe(201);
  return body.fault.id;
}

const post = (event: object = EVENT, headers = {}, signal?: AbortSignal) =>
  sandbox.post(JSON.stringify(event), headers, signal);
const commits = async () => (await sandbox.ledger()).commits;

/** The client's error classes by type, e.g. `Forbidden`; the client's bundle minifies class names. */
const errorClasses = new Map(
  Object.entries(botpress).flatMap(([name, value]) => {
    const type = /^([A-Z]\w+)Error$/.exec(name)?.[1];
    return type && type !== 'UploadFile' ? [[type, value as new (message: string) => { code: number }]] : [];
  }),
);

test('defines every error of the client with its code', () => {
  const known = [...errorClasses].map(([type, ErrorClass]) => [type, new ErrorClass('x').code]);
  expect(Object.fromEntries(known)).toEqual(
    Object.fromEntries(API_ERROR_TYPES.map((type) => [type, API_ERRORS[type].code])),
  );
});

test.each(API_ERROR_TYPES)(
  'returns %s, which the client turns into its class, without a commit',
  async (error) => {
    await addFault({ kind: 'error', error, message: 'on purpose' });
    const thrown = await sandbox
      .client()
      .createEvent(EVENT)
      .catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(errorClasses.get(error));
    expect(thrown).toMatchObject({ type: error, message: 'on purpose', id: expect.stringMatching(/^err_/) });
    expect((await post()).status).toBe(API_ERRORS[error].code);
    expect(await commits()).toBe(0);
  },
);

test('returns 429 with Retry-After in seconds, as a date that is not too early, or without it', async () => {
  sandbox.clock.advance(1);
  await addFault({ kind: 'rate-limited', retryAfterSeconds: 7, times: 1 });
  await addFault({ kind: 'rate-limited', retryAfterSeconds: 7, retryAfterAs: 'date', times: 1 });
  await addFault({ kind: 'rate-limited', retryAfterSeconds: null, times: 1 });
  const responses = [await post(), await post(), await post()];
  expect(responses.map((response) => response.status)).toEqual([429, 429, 429]);
  expect(responses.map((response) => response.headers.get('retry-after'))).toEqual([
    '7',
    'Thu, 01 Jan 2026 00:00:08 GMT',
    null,
  ]);
  expect(await commits()).toBe(0);
});

test('returns a JSON 5xx and an HTML page, which the client reports as UnknownError', async () => {
  await addFault({ kind: 'status', status: 503, retryAfterSeconds: 2, times: 2 });
  await addFault({ kind: 'html', times: 2 });
  const json = await post();
  expect([json.status, json.headers.get('retry-after')]).toEqual([503, '2']);
  expect(await json.json()).toEqual({ message: 'Service Unavailable' });
  await expect(sandbox.client().createEvent(EVENT)).rejects.toBeInstanceOf(botpress.UnknownError);
  const html = await post();
  expect([html.status, html.headers.get('content-type')]).toEqual([502, 'text/html']);
  expect(await html.text()).toContain('<h1>502 Bad Gateway</h1>');
  await expect(sandbox.client().createEvent(EVENT)).rejects.toBeInstanceOf(botpress.UnknownError);
  expect(await commits()).toBe(0);
});

test.each([
  ['before', 0],
  ['after', 1],
])('a reset %s the commit is a TCP reset and leaves %i events', async (when, expected) => {
  await addFault({ kind: 'reset', when });
  const thrown = await sandbox
    .client()
    .createEvent(EVENT)
    .catch((reason: unknown) => reason);
  expect(thrown).toBeInstanceOf(botpress.UnknownError);
  // An orderly end has the message "socket hang up" and the same code.
  expect(thrown).toMatchObject({ error: { code: 'ECONNRESET', message: 'read ECONNRESET' } });
  expect(await commits()).toBe(expected);
  const eventId = expected === 0 ? null : expect.stringMatching(/^evt_/);
  expect(await sandbox.calls()).toMatchObject([{ outcome: 'reset', status: null, eventId }]);
});

test.each([
  ['before', 0],
  ['after', 1],
])('a hang %s the commit never gets a response and leaves %i events', async (when, expected) => {
  const faultId = await addFault({ kind: 'hang', when });
  const caller = new AbortController();
  const attempt = post(EVENT, {}, caller.signal);
  await sandbox.control('GET', '/wait?calls=1');
  expect(await commits()).toBe(expected);
  expect(await sandbox.calls()).toMatchObject([{ outcome: 'hung', status: null, faultId }]);
  // Removing the fault sends held responses; a hanging call gets none.
  await sandbox.control('DELETE', `/faults/${faultId}`);
  expect(await sandbox.calls('?outcome=hung')).toHaveLength(1);
  caller.abort();
  await expect(attempt).rejects.toThrow(/abort/i);
});

test('holds the response of a committed event until its release', async () => {
  const faultId = await addFault({ kind: 'hold' });
  const first = sandbox.client().createEvent(EVENT);
  const second = sandbox.client().createEvent(EVENT);
  await sandbox.control('GET', '/wait?commits=2');
  expect(await sandbox.calls()).toMatchObject([{ outcome: 'held' }, { outcome: 'held' }]);
  expect((await sandbox.control('GET', '/faults')).body).toMatchObject({
    faults: [{ id: faultId, held: 2 }],
  });
  expect((await sandbox.control('POST', `/faults/${faultId}/release`)).body).toEqual({ released: 2 });
  expect((await first).event.type).toBe('made');
  await second;
  expect(await sandbox.calls('?outcome=answered&status=201')).toHaveLength(2);

  // The fault stays active and releases its responses when it is removed.
  const third = sandbox.client().createEvent(EVENT);
  await sandbox.control('GET', '/wait?commits=3');
  expect(await sandbox.calls('?outcome=held')).toHaveLength(1);
  await sandbox.control('DELETE', `/faults/${faultId}`);
  await third;
});

test('latency before the commit delays the commit, latency after it only the response, and latencies add up', async () => {
  await addFault({ kind: 'latency', ms: 100 });
  await addFault({ kind: 'latency', ms: 50 });
  await addFault({ kind: 'latency', ms: 30, when: 'after' });
  const attempt = sandbox.client().createEvent(EVENT);
  await sandbox.clock.whenScheduled();
  sandbox.clock.advance(149);
  expect(await commits()).toBe(0);
  sandbox.clock.advance(1);
  expect(await commits()).toBe(1);
  expect(await sandbox.calls()).toMatchObject([{ outcome: 'open' }]);
  sandbox.clock.advance(29);
  expect(await sandbox.calls()).toMatchObject([{ outcome: 'open' }]);
  sandbox.clock.advance(1);
  await attempt;
});

test('latency combines with another fault', async () => {
  await addFault({ kind: 'latency', ms: 100 });
  await addFault({ kind: 'html' });
  const attempt = post();
  await sandbox.clock.whenScheduled();
  sandbox.clock.advance(100);
  expect((await attempt).status).toBe(502);
});

test('a call is committed although its caller disconnected during the latency', async () => {
  await addFault({ kind: 'latency', ms: 60_000 });
  const caller = new AbortController();
  const attempt = post(EVENT, {}, caller.signal);
  await sandbox.clock.whenScheduled();
  caller.abort();
  await expect(attempt).rejects.toThrow(/abort/i);
  sandbox.clock.advance(60_000);
  expect(await commits()).toBe(1);
});

test('closing sends held responses and closes hanging connections immediately', async () => {
  const own = await startTestSandbox();
  await own.control('POST', '/faults', { kind: 'hold', match: { type: 'held' } });
  await own.control('POST', '/faults', { kind: 'hang', match: { type: 'hung' } });
  const held = own.client().createEvent({ type: 'held', payload: {} });
  const hung = own.client().createEvent({ type: 'hung', payload: {} });
  const hungEnd = expect(hung).rejects.toBeInstanceOf(botpress.UnknownError);
  await own.control('GET', '/wait?calls=2');
  const waiting = fetch(`${own.url}/sandbox/wait?commits=9`);
  await own.clock.whenScheduled();
  await own.close();
  expect((await held).event.type).toBe('held');
  await hungEnd;
  expect((await waiting).status).toBe(503);
});
