import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { QueueRig } from '../test-support/queue-rig.ts';
import { run, runIn } from '../test-support/run.ts';

const CONNECTIONS = `
connections:
  - id: acme
    source: shopify
    secrets: [shpss_0123456789abcdef]
    settings: { shopName: acme }
    botpress: { botId: bot-a, token: bp_pat_0123456789abcdef }
`;

/** A valid body of orders/create. */
const ORDER = '{"id":7,"created_at":"2026-01-01T00:00:00Z","note":"n"}';

let rig: QueueRig;
let folder: string;

beforeAll(async () => {
  rig = await QueueRig.open({ startRedis });
  folder = await mkdtemp(join(tmpdir(), 'sluice-'));
  await writeFile(join(folder, 'connections.yaml'), CONNECTIONS);
});

beforeEach(async () => {
  vi.stubEnv('SLUICE_CONNECTIONS', join(folder, 'connections.yaml'));
  await rig.reset(vi);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(async () => {
  await rig.close();
  await rm(folder, { recursive: true });
});

/** Creates dead letters with these bodies. Returns their ids. */
const kill = (...bodies: readonly string[]) =>
  rig.kill(
    bodies.map((body) => makeDelivery({ connection: 'acme', body })),
    () => 'no',
  );

const dead = () => rig.queue.getFailedCount();
const bodyOf = async (id: string) => (await rig.queue.getJob(id))?.data.body;

describe('discard and restore', () => {
  test('removes dead letters and brings them back', async () => {
    const [id = ''] = await kill(ORDER, ORDER);
    expect(await run('dead-letters', 'discard', '--id', id, '--note', 'spam')).toEqual({
      code: 0,
      out: '1 discarded. Undo within one day with sluice dead-letters restore.',
      err: '',
    });
    expect(await dead()).toBe(1);
    expect((await run('dead-letters', 'list', '--discarded')).out).toContain(id);
    expect((await run('dead-letters', 'show', id)).out).toMatch(/state +discarded at .*[\s\S]*\(spam\)/);
    expect((await run('ledger')).out).toMatch(/2 accepted = .*1 dead \+ 0 pending \+ 1 discarded/);
    expect(await run('dead-letters', 'restore', '--all')).toMatchObject({
      code: 0,
      out: '1 restored',
    });
    expect(await dead()).toBe(2);
  });

  test('reports an empty selection', async () => {
    expect((await run('dead-letters', 'discard', '--all', '--note', 'x')).out).toBe(
      'No dead letters to discard',
    );
    expect((await run('dead-letters', 'restore', '--all')).out).toBe('No discarded dead letters');
  });

  test('requires a selection, and a note for a discard', async () => {
    expect(await run('dead-letters', 'discard', '--note', 'x')).toMatchObject({ code: 2 });
    expect(await run('dead-letters', 'discard', '--all')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--note'),
    });
    expect(await run('dead-letters', 'restore')).toMatchObject({ code: 2 });
  });

  test('requires --yes or a confirmation on the terminal for more than 100', async () => {
    await kill(...Array.from({ length: 101 }, () => ORDER));
    const discard = ['dead-letters', 'discard', '--all', '--note', 'x'];
    expect(await run(...discard)).toMatchObject({
      code: 2,
      err: 'error: 101 dead letters will be discarded. Pass --yes to confirm.',
    });
    const asked: string[] = [];
    const confirm = (answer: boolean) => async (statement: string) => {
      asked.push(statement);
      return answer;
    };
    expect(await runIn({ confirm: confirm(false) }, ...discard)).toMatchObject({ code: 1, out: '' });
    expect(await dead()).toBe(101);
    const shown: string[] = [];
    const terminal = { confirm: confirm(true), status: (line: string) => shown.push(line) };
    expect(await runIn(terminal, ...discard)).toMatchObject({ code: 0 });
    expect(asked).toEqual(Array(2).fill('101 dead letters will be discarded.'));
    expect(shown).toEqual([`[${'█'.repeat(24)}] 100 %  discarded 101 of 101`]);
    expect(await dead()).toBe(0);
  });
});

describe('edit', () => {
  const patch = '[{"op":"replace","path":"/id","value":8}]';

  test('changes the body of one delivery and shows the edit', async () => {
    const [id = ''] = await kill('{"id":"x","created_at":"2026-01-01T00:00:00Z"}');
    expect(await run('dead-letters', 'edit', id, '--patch', patch, '--note', 'typo')).toMatchObject({
      code: 0,
      out: '1 edited',
    });
    expect(JSON.parse(await bodyOf(id))).toMatchObject({ id: 8 });
    const { out } = await run('dead-letters', 'show', id, '--body', '--mapped');
    expect(out).toMatch(/edited +at .* \(typo\): replace \/id/);
    expect(out).toContain('Before the edit:\n{"id":"x"');
    expect(out).toContain('"order_id": 8');
    expect((await run('dead-letters', 'show', id)).out).not.toContain('"id"');
    expect((await run('dead-letters', 'show', id, '--json')).out).not.toContain('"value": 8');
  });

  test('leaves dead letters unchanged that would fail again, and exits with 1', async () => {
    const [id = ''] = await kill(ORDER, '{"created_at":"2026-01-01T00:00:00Z"}', '{"id":7}');
    const { code, out } = await run('dead-letters', 'edit', '--all', '--patch', patch, '--note', 'n');
    expect(code).toBe(1);
    expect(out).toMatch(/^1 edited\n2 rejected and unchanged:\n {2}dlv_\S+: /);
    expect(out).toContain('created_at');
    expect(JSON.parse(await bodyOf(id))).toMatchObject({ id: 8 });
  });

  test('reads a body from a file, and changes nothing with --dry-run', async () => {
    const [id = ''] = await kill('{}');
    await writeFile(join(folder, 'body.json'), ORDER);
    const readLines = async function* (path: string) {
      yield* (await readFile(path, 'utf8')).split('\n');
    };
    const edit = ['dead-letters', 'edit', id, '--note', 'n', '--body', `@${join(folder, 'body.json')}`];
    expect(await runIn({ readLines }, ...edit, '--dry-run')).toMatchObject({
      code: 0,
      out: '1 would be edited',
    });
    expect(await bodyOf(id)).toBe('{}');
    expect(await runIn({ readLines }, ...edit)).toMatchObject({ code: 0, out: '1 edited' });
    expect(await bodyOf(id)).toBe(ORDER);
    const missing = ['dead-letters', 'edit', id, '--note', 'n', '--body', '@/nowhere.json'];
    expect(await runIn({ readLines }, ...missing)).toMatchObject({
      code: 2,
      err: expect.stringContaining('Cannot read /nowhere.json'),
    });
  });

  test.each([
    [['--all'], 'No change. Pass either --patch or --body.'],
    [['--all', '--patch', '[]', '--body', '{}'], 'No change. Pass either --patch or --body.'],
    [['--all', '--body', '{}'], '--body changes one delivery'],
    [['--all', '--patch', '{'], 'The patch is not JSON'],
    [['--all', '--patch', '[{"op":"replace","path":"id","value":1}]'], '0.path: Expected a JSON Pointer'],
    [['dlv_none', '--body', '{}'], 'No matching dead letters'],
  ])('exits with 2 for invalid usage: %j', async (options, message) => {
    await kill(ORDER);
    expect(await run('dead-letters', 'edit', '--note', 'n', ...options)).toMatchObject({
      code: 2,
      err: expect.stringContaining(message),
    });
  });
});

describe('export and import', () => {
  test('moves dead letters from one Redis to another', async () => {
    const ids = await kill(ORDER, ORDER);
    const exported = await run('dead-letters', 'export', '--bodies');
    expect(exported).toMatchObject({ code: 0, err: '2 exported' });
    await rig.redis.flushall();
    const readLines = async function* () {
      yield* exported.out.split('\n');
      yield 'not json';
    };
    expect(await runIn({ readLines }, 'dead-letters', 'import', 'dead.ndjson')).toMatchObject({
      code: 1,
      out: '2 imported\n1 rejected:\n  line 3: The line is not JSON.',
    });
    expect((await rig.queue.getFailed()).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(await bodyOf(ids[0] ?? '')).toBe(ORDER);
  });

  test('exports no personal data without --bodies, and masks it with --redact', async () => {
    await kill('{"id":7,"email":"jo@example.com"}');
    const plain = await run('dead-letters', 'export');
    expect(plain.out).not.toContain('jo@example.com');
    const redacted = await run('dead-letters', 'export', '--redact');
    expect(JSON.parse(redacted.out)).toMatchObject({ redacted: true });
    expect(redacted.out).toContain('email');
    expect(redacted.out).not.toContain('jo@example.com');
  });

  test('reports a file that does not exist', async () => {
    const readLines = async function* (path: string) {
      yield await readFile(path, 'utf8');
    };
    expect(await runIn({ readLines }, 'dead-letters', 'import', '/nowhere')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Cannot read /nowhere'),
    });
  });
});
