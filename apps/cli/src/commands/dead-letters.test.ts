import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { QueueRig } from '../test-support/queue-rig.ts';
import { run } from '../test-support/run.ts';

let rig: QueueRig;

beforeAll(async () => {
  rig = await QueueRig.open({ startRedis });
});

beforeEach(() => rig.reset(vi));

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(() => rig.close());

/** Creates a dead letter for each of these connections. */
async function kill(...connections: readonly string[]): Promise<void> {
  const deliveries = connections.map((connection) => makeDelivery({ connection }));
  await rig.kill(deliveries, ({ connection }) => `400 of\n${connection}`);
}

describe('dead-letters list', () => {
  test('reports that there are no dead letters', async () => {
    expect(await run('dead-letters', 'list')).toEqual({ code: 0, out: 'No dead letters', err: '' });
  });

  test('shows the source and the failure of each dead letter, page by page', async () => {
    await kill('acme', 'other');
    const { code, out } = await run('dead-letters', 'list', '--limit', '1');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^ID +CONNECTION +TOPIC +REASON +FAILED AT +ATTEMPTS +MESSAGE\ndlv_\S+ +other +orders\/create +rejected/,
    );
    expect(out).toContain('400 of other');
    const [, cursor = ''] = /Next page: --cursor (\S+)/.exec(out) ?? [];
    const rest = await run('dead-letters', 'list', '--cursor', cursor, '--json');
    expect(JSON.parse(rest.out)).toMatchObject({ letters: [{ connection: 'acme', reason: 'rejected' }] });
  });

  test('rejects an unknown reason', async () => {
    const { code, err } = await run('dead-letters', 'list', '--reason', 'bad luck');
    expect(code).toBe(2);
    expect(err).toContain('Allowed choices are invalid_input, mapper_threw');
  });

  test('rejects an invalid cursor', async () => {
    expect(await run('dead-letters', 'list', '--cursor', '7')).toMatchObject({
      code: 2,
      err: 'error: Invalid cursor. Pass the cursor that the previous page printed.',
    });
  });
});

describe('dead-letters groups', () => {
  test('reports that there are no groups', async () => {
    expect(await run('dead-letters', 'groups')).toEqual({ code: 0, out: 'No dead letters', err: '' });
  });

  test('shows one line per root cause, whose dead letters can be listed', async () => {
    await kill('acme', 'acme', 'other');
    const { out } = await run('dead-letters', 'groups');
    const [, line = ''] = out.split('\n');
    expect(line).toMatch(/^other +3 +rejected +destination/);
    const json = JSON.parse((await run('dead-letters', 'groups', '--json')).out);
    expect(json).toMatchObject({ groups: [{ group: 'other', count: 3 }] });
    const listed = await run('dead-letters', 'list', '--group', 'other', '--json');
    expect(JSON.parse(listed.out).letters).toHaveLength(3);
  });

  test('rejects an invalid group', async () => {
    expect(await run('dead-letters', 'list', '--group', '*')).toMatchObject({ code: 2 });
  });
});

describe('dead-letters dry-run', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-dry-run-'));
    const botpress = '{ botId: b, integrationId: i, token: t }';
    const connection = `{ id: acme, source: shopify, secrets: [hunter2], settings: { shopName: acme }, botpress: ${botpress} }`;
    await writeFile(join(folder, 'connections.yaml'), `connections:\n  - ${connection}\n`);
  });

  afterAll(() => rm(folder, { recursive: true }));

  const dryRun = (...args: readonly string[]) =>
    run('dead-letters', 'dry-run', '--connections', join(folder, 'connections.yaml'), ...args);

  test('counts what would be sent, and the failures of the others', async () => {
    await kill('acme', 'acme', 'gone');
    const { code, out } = await dryRun();
    expect(code).toBe(1);
    expect(out).toContain('Dry run of 3 with the mappers of ');
    expect(out).toContain('2 would be sent: 2 newOrderCreated');
    expect(out).toMatch(/1 would fail again:\nCOUNT +REASON.*\n1 +unknown_connection +gone/);
    expect(await rig.queue.getFailedCount()).toBe(3);
  });

  test('checks only the selection, and exits with 0 if all would be sent', async () => {
    await kill('acme', 'acme', 'gone');
    const { code, out } = await dryRun('--connection', 'acme', '--limit', '1');
    expect([code, out]).toEqual([0, expect.stringContaining('1 would be sent: 1 newOrderCreated')]);
  });

  test('prints payloads only with --sample', async () => {
    await kill('acme');
    expect((await dryRun()).out).not.toContain('order_id');
    expect((await dryRun('--sample')).out).toContain('order_id');
    expect((await dryRun('--json')).out).not.toContain('order_id');
    expect(JSON.parse((await dryRun('--json')).out)).toMatchObject({ succeed: 1, fail: 0 });
  });
});
