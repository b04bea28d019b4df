import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { QueueRig } from '../test-support/queue-rig.ts';
import { run } from '../test-support/recording.ts';

let rig: QueueRig;

beforeAll(async () => {
  rig = await QueueRig.open({ startRedis });
});

beforeEach(() => rig.reset(vi));

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(() => rig.close());

/** Lets a delivery of each of these connections die. */
async function kill(...connections: readonly string[]): Promise<void> {
  const deliveries = connections.map((connection) => makeDelivery({ connection }));
  await rig.kill(deliveries, ({ connection }) => `400 of\n${connection}`);
}

describe('dead-letters list', () => {
  test('of none says so', async () => {
    expect(await run('dead-letters', 'list')).toEqual({ code: 0, out: 'no dead letters', err: '' });
  });

  test('shows where each came from and why it died, page by page', async () => {
    await kill('acme', 'other');
    const { code, out } = await run('dead-letters', 'list', '--limit', '1');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^ID +CONNECTION +TOPIC +REASON +DIED +ATTEMPTS +MESSAGE\ndlv_\S+ +other +orders\/create +rejected/,
    );
    expect(out).toContain('400 of other');
    const [, cursor = ''] = /there are more: --cursor (\S+)/.exec(out) ?? [];
    const rest = await run('dead-letters', 'list', '--cursor', cursor, '--json');
    expect(JSON.parse(rest.out)).toMatchObject({ letters: [{ connection: 'acme', reason: 'rejected' }] });
  });

  test('knows the reasons that there are', async () => {
    const { code, err } = await run('dead-letters', 'list', '--reason', 'bad luck');
    expect(code).toBe(2);
    expect(err).toContain('Allowed choices are invalid_input, mapper_threw');
  });

  test('refuses a cursor that is none', async () => {
    expect(await run('dead-letters', 'list', '--cursor', '7')).toMatchObject({
      code: 2,
      err: 'error: "7" is no cursor: take the one that the page before has told',
    });
  });
});

describe('dead-letters groups', () => {
  test('of none says so', async () => {
    expect(await run('dead-letters', 'groups')).toEqual({ code: 0, out: 'no dead letters', err: '' });
  });

  test('shows a line a cause, by which its dead letters are listed', async () => {
    await kill('acme', 'acme', 'other');
    const { out } = await run('dead-letters', 'groups');
    const [, line = ''] = out.split('\n');
    expect(line).toMatch(/^other +3 +rejected +destination/);
    const told = JSON.parse((await run('dead-letters', 'groups', '--json')).out);
    expect(told).toMatchObject({ groups: [{ group: 'other', count: 3 }] });
    const listed = await run('dead-letters', 'list', '--group', 'other', '--json');
    expect(JSON.parse(listed.out).letters).toHaveLength(3);
  });

  test('are named as they are listed', async () => {
    expect(await run('dead-letters', 'list', '--group', '*')).toMatchObject({ code: 2 });
  });
});

describe('dead-letters try', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-try-'));
    const botpress = '{ botId: b, integrationId: i, token: t }';
    const connection = `{ id: acme, source: shopify, secrets: [hunter2], settings: { shopName: acme }, botpress: ${botpress} }`;
    await writeFile(join(folder, 'connections.yaml'), `connections:\n  - ${connection}\n`);
  });

  afterAll(() => rm(folder, { recursive: true }));

  const tryOut = (...args: readonly string[]) =>
    run('dead-letters', 'try', '--connections', join(folder, 'connections.yaml'), ...args);

  test('tells how many would be sent now, and of what the others would die', async () => {
    await kill('acme', 'acme', 'gone');
    const { code, out } = await tryOut();
    expect(code).toBe(1);
    expect(out).toContain('tried 3 with the mappers of ');
    expect(out).toContain('2 would be sent: 2 newOrderCreated');
    expect(out).toMatch(/1 would die again:\nCOUNT +REASON.*\n1 +unknown_connection +gone/);
    expect(await rig.queue.getFailedCount()).toBe(3);
  });

  test('of those that are meant only, and ends well if all would be sent', async () => {
    await kill('acme', 'acme', 'gone');
    const { code, out } = await tryOut('--connection', 'acme', '--limit', '1');
    expect([code, out]).toEqual([0, expect.stringContaining('1 would be sent: 1 newOrderCreated')]);
  });

  test('prints payloads only where they are asked for', async () => {
    await kill('acme');
    expect((await tryOut()).out).not.toContain('order_id');
    expect((await tryOut('--sample')).out).toContain('order_id');
    expect((await tryOut('--json')).out).not.toContain('order_id');
    expect(JSON.parse((await tryOut('--json')).out)).toMatchObject({ succeed: 1, fail: 0 });
  });
});
