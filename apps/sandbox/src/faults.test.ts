import * as botpress from '@botpress/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { API_ERROR_TYPES, API_ERRORS } from './api-error.ts';
import { startTestSandbox, type TestSandbox } from './testing/start-test-sandbox.ts';

let sandbox: TestSandbox;
beforeEach(async () => {
  sandbox = await startTestSandbox();
});
afterEach(() => sandbox.close());

const EVENT = { type: 'made', payload: { deliveryId: 'd1' } };

async function switchOn(fault: Record<string, unknown>): Promise<string> {
  const { status, body } = await sandbox.control<{ fault: { id: string } }>('POST', '/faults', fault);
  expect(status).toBe(201);
  return body.fault.id;
}

const post = (event: object = EVENT, headers = {}, signal?: AbortSignal) =>
  sandbox.post(JSON.stringify(event), headers, signal);
const commits = async () => (await sandbox.ledger()).commits;

/** The client's error classes by type, e.g. `Forbidden`; its bundle has shortened their own names. */
const errorClasses = new Map(
  Object.entries(botpress).flatMap(([name, value]) => {
    const type = /^([A-Z]\w+)Error$/.exec(name)?.[1];
    return type && type !== 'UploadFile' ? [[type, value as new (message: string) => { code: number }]] : [];
  }),
);

test('knows every error that the client knows, with its code', () => {
  const known = [...errorClasses].map(([type, ErrorClass]) => [type, new ErrorClass('x').code]);
  expect(Object.fromEntries(known)).toEqual(
    Object.fromEntries(API_ERROR_TYPES.map((type) => [type, API_ERRORS[type].code])),
  );
});

test.each(API_ERROR_TYPES)(
  'answers %s, which the client turns into its class, uncommitted',
  async (error) => {
    await switchOn({ kind: 'error', error, message: 'on purpose' });
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

test('answers 429 with Retry-After in seconds, as a date that is not too early, or without', async () => {
  sandbox.clock.advance(1);
  await switchOn({ kind: 'rate-limited', retryAfterSeconds: 7, times: 1 });
  await switchOn({ kind: 'rate-limited', retryAfterSeconds: 7, retryAfterAs: 'date', times: 1 });
  await switchOn({ kind: 'rate-limited', retryAfterSeconds: null, times: 1 });
  const answers = [await post(), await post(), await post()];
  expect(answers.map((answer) => answer.status)).toEqual([429, 429, 429]);
  expect(answers.map((answer) => answer.headers.get('retry-after'))).toEqual([
    '7',
    'Thu, 01 Jan 2026 00:00:08 GMT',
    null,
  ]);
  expect(await commits()).toBe(0);
});

test('answers a 5xx of JSON and an HTML page, neither of which the client can tell', async () => {
  await switchOn({ kind: 'status', status: 503, retryAfterSeconds: 2, times: 2 });
  await switchOn({ kind: 'html', times: 2 });
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
])('a reset %s the commit is a real one, and leaves %i events', async (when, expected) => {
  await switchOn({ kind: 'reset', when });
  const thrown = await sandbox
    .client()
    .createEvent(EVENT)
    .catch((reason: unknown) => reason);
  expect(thrown).toBeInstanceOf(botpress.UnknownError);
  // An orderly end would be told as "socket hang up", with the same code.
  expect(thrown).toMatchObject({ error: { code: 'ECONNRESET', message: 'read ECONNRESET' } });
  expect(await commits()).toBe(expected);
  const eventId = expected === 0 ? null : expect.stringMatching(/^evt_/);
  expect(await sandbox.calls()).toMatchObject([{ outcome: 'reset', status: null, eventId }]);
});

test.each([
  ['before', 0],
  ['after', 1],
])('a hang %s the commit is never answered, and leaves %i events', async (when, expected) => {
  const faultId = await switchOn({ kind: 'hang', when });
  const giveUp = new AbortController();
  const attempt = post(EVENT, {}, giveUp.signal);
  await sandbox.control('GET', '/wait?calls=1');
  expect(await commits()).toBe(expected);
  expect(await sandbox.calls()).toMatchObject([{ outcome: 'hung', status: null, faultId }]);
  // Removing the fault answers what is held, never what hangs.
  await sandbox.control('DELETE', `/faults/${faultId}`);
  expect(await sandbox.calls('?outcome=hung')).toHaveLength(1);
  giveUp.abort();
  await expect(attempt).rejects.toThrow(/abort/i);
});

test('holds the answer of a committed event until it is released', async () => {
  const faultId = await switchOn({ kind: 'hold' });
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

  // It goes on holding, and lets go when it is removed.
  const third = sandbox.client().createEvent(EVENT);
  await sandbox.control('GET', '/wait?commits=3');
  expect(await sandbox.calls('?outcome=held')).toHaveLength(1);
  await sandbox.control('DELETE', `/faults/${faultId}`);
  await third;
});

test('latency before the commit delays it; after the commit only the answer; both add up', async () => {
  await switchOn({ kind: 'latency', ms: 100 });
  await switchOn({ kind: 'latency', ms: 50 });
  await switchOn({ kind: 'latency', ms: 30, when: 'after' });
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

test('latency goes with another fault', async () => {
  await switchOn({ kind: 'latency', ms: 100 });
  await switchOn({ kind: 'html' });
  const attempt = post();
  await sandbox.clock.whenScheduled();
  sandbox.clock.advance(100);
  expect((await attempt).status).toBe(502);
});

test('a call whose caller gave up during the latency is committed nevertheless', async () => {
  await switchOn({ kind: 'latency', ms: 60_000 });
  const giveUp = new AbortController();
  const attempt = post(EVENT, {}, giveUp.signal);
  await sandbox.clock.whenScheduled();
  giveUp.abort();
  await expect(attempt).rejects.toThrow(/abort/i);
  sandbox.clock.advance(60_000);
  expect(await commits()).toBe(1);
});

test('closing answers what is held and cuts what hangs, at once', async () => {
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
