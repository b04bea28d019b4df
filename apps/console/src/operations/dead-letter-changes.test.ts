import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ConsoleRig } from '../test-support/console-rig.ts';

const GOOD = '{"id":1,"created_at":"2026-01-01T00:00:00Z","email":"ada@okafor.example"}';
const BAD = '{"id":"none","created_at":"2026-01-01T00:00:00Z","email":"ada@okafor.example"}';

let rig: ConsoleRig;

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery });
});

afterEach(() => rig.clear());

afterAll(() => rig.close());

const count = async () => {
  const { body } = await rig.get('/api/dead-letters?limit=500');
  return (body as { letters: object[] }).letters.length;
};
const actions = async () => {
  const { body } = await rig.get('/api/audit');
  return (body as { lines: { action: string; who: string }[] }).lines.map(
    ({ action, who }) => `${action} ${who}`,
  );
};

test('a dry run returns the events and failures of the current mappers, masked, and sends nothing', async () => {
  const [valid] = await rig.kill('acme', 2, {}, { body: GOOD });
  const [invalid] = await rig.kill('acme', 1, {}, { body: BAD });
  const { body, text } = await rig.post('/api/dead-letters/dry-run', { filter: {} }, { as: 'viewer' });
  expect(body).toMatchObject({
    ...{ succeed: 2, fail: 1, duties: 0 },
    become: [{ event: 'newOrderCreated', count: 2, example: { id: expect.any(String) } }],
    die: [{ reason: 'invalid_input', connection: 'acme', count: 1, example: invalid }],
  });
  expect(text).not.toContain('okafor');
  expect(valid).toBeDefined();
  expect(await count()).toBe(3);
});

describe('an edit', () => {
  const patch = [{ op: 'replace', path: '/id', value: 7 }];

  test('changes valid dead letters, and keeps the original with the author and the note', async () => {
    const [invalid] = await rig.kill('acme', 1, {}, { body: BAD });
    const edit = (more: object) => rig.post('/api/dead-letters/edit', { note: 'id was a string', ...more });
    expect((await edit({ all: true, patch, dryRun: true })).body).toEqual({
      edited: [invalid],
      refused: 0,
      refusals: [],
    });
    expect((await rig.get(`/api/deliveries/${invalid}`)).body).not.toHaveProperty('original');
    expect((await edit({ filter: { id: [invalid] }, patch })).body).toMatchObject({ edited: [invalid] });
    expect((await rig.get(`/api/deliveries/${invalid}`)).body).toMatchObject({
      state: 'dead',
      body: { masked: true, json: { id: 7, email: '•••@•••' } },
      original: { masked: true, json: { id: 'none' } },
      edits: [{ who: 'olga', reason: 'id was a string', change: patch }],
    });
    const whole = await edit({ id: invalid, body: GOOD });
    expect(whole.body).toMatchObject({ edited: [invalid] });
    const { body } = await rig.get(`/api/deliveries/${invalid}?reveal=true`);
    expect(body).toMatchObject({ body: { text: GOOD }, original: { text: BAD } });
    expect(await actions()).toEqual(['reveal olga', 'edit olga', 'edit olga']);
  });

  test('is refused if the delivery would fail again, without values in the response', async () => {
    const [valid] = await rig.kill('acme', 1, {}, { body: GOOD });
    const { body, text } = await rig.post('/api/dead-letters/edit', {
      ...{ all: true, note: 'x' },
      patch: [{ op: 'replace', path: '/id', value: 'hunter2' }],
    });
    expect(body).toMatchObject({ edited: [], refused: 1, refusals: [{ id: valid }] });
    expect(text).not.toContain('hunter2');
    for (const more of [{ patch: [] }, { patch: [{ op: 'replace' }] }, { patch, body: GOOD }, {}]) {
      const answer = await rig.post('/api/dead-letters/edit', { all: true, note: 'x', ...more });
      expect(answer.status, JSON.stringify(more)).toBe(400);
    }
  });

  test('shows the values of a patch masked by their path', async () => {
    const [id] = await rig.kill('acme', 1, {}, { body: GOOD });
    const named = [{ op: 'add', path: '/customer', value: { first_name: 'Ada' } }];
    const zip = [{ op: 'add', path: '/zip', value: '50667' }];
    await rig.post('/api/dead-letters/edit', { all: true, note: 'x', patch: [...named, ...zip] });
    const { body } = await rig.get(`/api/deliveries/${id}`);
    expect(body).toMatchObject({
      edits: [
        {
          change: [
            { path: '/customer', value: { first_name: '•••' } },
            { path: '/zip', value: '•••' },
          ],
        },
      ],
    });
  });
});

test('discards and restores dead letters, and writes an audit entry for each', async () => {
  await rig.kill('acme', 3);
  const [id] = await rig.kill('other', 1);
  const change = (action: string, more: object) =>
    rig.post(`/api/dead-letters/${action}`, { note: 'test data', ...more });
  expect((await change('discard', { filter: {} })).status).toBe(400);
  expect((await change('discard', { filter: { connection: 'acme' } })).body).toEqual({ discarded: 3 });
  expect((await change('discard', { filter: { id: [id] } })).body).toEqual({ discarded: 1 });
  expect(await count()).toBe(0);
  expect((await rig.get(`/api/deliveries/${id}`)).body).toMatchObject({
    state: 'discarded',
    discarded: { who: 'olga', reason: 'test data' },
  });
  expect((await change('restore', { all: true })).body).toEqual({ restored: 4 });
  expect(await count()).toBe(4);
  expect((await rig.get('/api/ledger')).body).toMatchObject({ holds: true, total: { dead: 4 } });
});

describe('an export', () => {
  const lines = async (query: string, as: 'viewer' | 'operator' = 'operator') => {
    const { headers, text } = await rig.get(`/api/dead-letters/export${query}`, { as });
    expect(headers.get('content-type')).toContain('application/x-ndjson');
    return text.split('\n').filter(Boolean);
  };

  test('writes one line per dead letter, with personal data for operators only, and records it', async () => {
    await rig.kill('acme', 3, {}, { body: GOOD });
    await rig.kill('other', 1);
    const plain = await lines('?connection=acme', 'viewer');
    expect(plain).toHaveLength(3);
    expect(plain.join()).not.toMatch(/body|okafor/);
    const masked = await lines('?bodies=masked', 'viewer');
    expect(masked).toHaveLength(4);
    expect(masked.join()).not.toContain('okafor');
    expect((await rig.get('/api/dead-letters/export?bodies=exact', { as: 'viewer' })).status).toBe(403);
    expect(await actions()).toEqual([]);
    expect((await lines('?bodies=exact&note=move')).join()).toContain('ada@okafor.example');
    expect(await actions()).toEqual(['export olga']);
    expect(await lines('?connection=unknown')).toEqual([]);
    expect((await rig.get('/api/dead-letters/export?status=1')).status).toBe(400);
  });

  test('can be imported in chunks of any size, and refused lines are listed by their number', async () => {
    await rig.kill('acme', 250, {}, { body: GOOD });
    const exported = await lines('?bodies=exact');
    await rig.redis.flushall();
    expect(await count()).toBe(0);
    const text = [...exported, '{"v":2}', 'nonsense'].join('\r\n');
    const bytes = Buffer.from(text);
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let from = 0; from < bytes.length; from += 997)
          controller.enqueue(bytes.subarray(from, from + 997));
        controller.close();
      },
    });
    const headers = { 'content-type': 'application/x-ndjson' };
    const init = { method: 'POST', body: pieces, duplex: 'half' } as const;
    const { status, body } = await rig.send('/api/dead-letters/import?note=moved', init, { headers });
    expect([status, body]).toMatchObject([
      200,
      { imported: 250, there: 0, refused: 2, refusals: [{ line: 251 }, { line: 252 }] },
    ]);
    const again = await rig.send(
      '/api/dead-letters/import',
      { method: 'POST', body: exported.join('\n') },
      { headers },
    );
    expect(again.body).toMatchObject({ imported: 0, there: 250, refused: 0 });
    expect(await count()).toBe(250);
    expect(await actions()).toEqual(['imported olga', 'import olga', 'imported olga', 'import olga']);
  });

  test('an import of another media type or with a line above the limit is rejected', async () => {
    const post = (body: string, type: string) =>
      rig.send('/api/dead-letters/import', { method: 'POST', body }, { headers: { 'content-type': type } });
    expect((await post('{}', 'application/json')).status).toBe(415);
    expect((await post('x'.repeat(40 * 1024 * 1024 + 1), 'application/x-ndjson')).status).toBe(413);
  });
});
