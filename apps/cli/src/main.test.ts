import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSluice } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFakeIngest } from './test-support/fake-ingest.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command as its own process. */
async function sluice(argv: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout: out, stderr: err } = await (await runSluice(argv, env)).ended;
  return { code, out, err };
}

function write(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('send', () => {
  test('exits with 0 when every webhook is accepted, by default with the demo file', async () => {
    const ingest = await startFakeIngest();
    const { code, out, err } = await sluice(['send', 'shopify', 'orders/create', '--url', ingest.url]);
    await ingest.close();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/200 accepted dlv_1 in [\d.]+ ms\n$/);
    expect(ingest.received.map(({ verified }) => verified)).toEqual([true]);
  });

  test('exits with 1 and prints one line when nothing listens', async () => {
    const gone = await startFakeIngest();
    await gone.close();
    const argv = ['send', 'shopify', 'orders/create', '--count', '100', '--rate', '1', '--url', gone.url];
    expect(await sluice(argv)).toEqual({
      code: 1,
      out: '',
      err: `error: Nothing listens at ${gone.url}. Start ingest, for example npm start.\n`,
    });
  });

  test('exits with 2 for invalid usage', async () => {
    expect(await sluice(['send', 'fax', 'x'])).toMatchObject({ code: 2, out: '' });
    expect(await sluice([])).toMatchObject({ code: 2, out: '' });
  });
});

const GOOD = `connections:
  - id: acme-telegram
    source: telegram
    secrets: [hunter2]
    topics: { chat_join_request: false }
    botpress: { botId: acme-bot, integrationId: acme-integration, token: hunter3 }
`;

describe('connections check --offline', () => {
  test('lists the connections and exits with 0', async () => {
    const file = write('good.yaml', GOOD);
    const { code, out } = await sluice(['connections', 'check', '--offline', '--connections', file]);
    expect(out).toBe(
      [
        'ID             SOURCE    BOT       INTEGRATION       SECRETS  EVENTS',
        'acme-telegram  telegram  acme-bot  acme-integration  1        memberJoined, memberLeft, botAddedToChat, botRemovedFromChat',
        `${file}: 1 connection, no problems`,
        '',
      ].join('\n'),
    );
    expect(code).toBe(0);
  });

  test('prints the problems of the file at SLUICE_CONNECTIONS and exits with 1', async () => {
    const file = write('bad.yaml', 'connections:\n  - { id: A, source: shopfy, secrets: [hunter2] }\n');
    const { code, out, err } = await sluice(['connections', 'check'], { SLUICE_CONNECTIONS: file });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(`${file} has 3 problems:\n`);
    expect(err).toContain(
      `${file}:2:22: connections[0].source is the unknown source "shopfy". Did you mean "shopify"?`,
    );
    expect(err).not.toContain('hunter2');
  });

  test('prints connections and problems as JSON', async () => {
    const bad = write('bad.json', '{"connections":[{"id":"a"}]}');
    const result = await sluice(['connections', 'check', '--json', '--connections', bad]);
    expect(result).toMatchObject({ code: 1, err: '' });
    expect(JSON.parse(result.out)).toMatchObject({
      ok: false,
      file: bad,
      diagnostics: expect.arrayContaining([
        expect.objectContaining({
          file: bad,
          line: 1,
          column: 17,
          path: 'connections[0].source',
          message: 'is missing',
        }),
      ]),
    });
    const good = write('good.json.yaml', GOOD);
    const argv = ['connections', 'check', '--offline', '--json', '--connections', good];
    expect(JSON.parse((await sluice(argv)).out)).toEqual({
      ok: true,
      file: good,
      connections: [
        {
          id: 'acme-telegram',
          source: 'telegram',
          bot: 'acme-bot',
          integration: 'acme-integration',
          secrets: 1,
          warnings: [],
          events: ['memberJoined', 'memberLeft', 'botAddedToChat', 'botRemovedFromChat'],
        },
      ],
    });
  });

  test('reports a missing file in one line and exits with 1', async () => {
    const result = await sluice(['connections', 'check', '--connections', '/nowhere.yaml']);
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toMatch(/^\/nowhere\.yaml: no such connections file\. .*\n$/);
  });
});
