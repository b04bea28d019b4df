import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../test-support/run.ts';

const EXAMPLES = fileURLToPath(new URL('../../../../config/examples', import.meta.url));

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-generate-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

interface ConnectionSpec {
  readonly id: string;
  readonly source?: string;
  readonly settings?: object;
}

let files = 0;

const unset = (name: string) => `\${UNSET_${name}}`;

function connectionsFile(connections: readonly ConnectionSpec[]): string {
  const file = join(folder, `connections-${++files}.json`);
  const toConnection = ({ id, source = 'custom', settings }: ConnectionSpec) => ({
    id,
    source,
    secrets: [unset('SECRET')],
    ...(settings ? { settings } : {}),
    botpress: { botId: unset('BOT_ID'), integrationId: unset('INTEGRATION_ID'), token: unset('TOKEN') },
  });
  writeFileSync(file, JSON.stringify({ connections: connections.map(toConnection) }));
  return file;
}

const custom = (events?: object) => ({
  signature: { kind: 'token', header: 'x-token' },
  topic: { path: 'type' },
  ...(events ? { events } : {}),
});

const manyEvents = (prefix: string, count: number) =>
  custom(Object.fromEntries(Array.from({ length: count }, (_, n) => [`t${n}`, { name: `${prefix}${n}` }])));

const generate = (connections: string, out: string, ...more: readonly string[]) =>
  run('integration', 'generate', '--connections', connections, '--out', join(folder, out), ...more);

const read = (out: string, file: string) => readFileSync(join(folder, out, file), 'utf8');

test('writes a folder for the GitHub example, whose variables have no values', async () => {
  const { code, out, err } = await generate(`${EXAMPLES}/github.yaml`, 'github');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('integration sluice-github with 3 events of github');
  expect(readdirSync(join(folder, 'github')).sort()).toEqual([
    'hub.md',
    'icon.svg',
    'integration.definition.ts',
    'package.json',
    'src',
  ]);
  const definition = read('github', 'integration.definition.ts');
  for (const text of ['githubPush: {', 'title: "Commits pushed"', 'repository: z.unknown()']) {
    expect(definition).toContain(text);
  }
  expect(JSON.parse(read('github', 'package.json'))).toMatchObject({ name: 'sluice-github' });
});

test('replaces a folder that it wrote, and no other', async () => {
  const first = connectionsFile([{ id: 'shop', settings: custom({ a: { name: 'first' } }) }]);
  const second = connectionsFile([{ id: 'shop', settings: custom({ a: { name: 'second' } }) }]);
  expect((await generate(first, 'again')).code).toBe(0);
  expect((await generate(second, 'again', '--name', 'acme/sluice-shop')).code).toBe(0);
  expect(read('again', 'integration.definition.ts')).toContain('name: "acme/sluice-shop"');
  expect(read('again', 'integration.definition.ts')).not.toContain('first');

  writeFileSync(join(folder, 'again', 'integration.definition.ts'), '// mine');
  const { code, err } = await generate(first, 'again');
  expect(code).toBe(2);
  expect(err).toContain('contains other files');
  expect(read('again', 'integration.definition.ts')).toBe('// mine');
});

test('takes the connections that name events, including their event received, and merges equal events', async () => {
  const file = connectionsFile([
    { id: 'orders', source: 'linear' },
    { id: 'generic', settings: custom() },
    { id: 'a', settings: custom({ push: { name: 'pushed' }, '*': { name: 'received' } }) },
    { id: 'b', settings: custom({ commit: { name: 'pushed' } }) },
  ]);
  const { code, out } = await generate(file, 'mixed');
  expect(code).toBe(0);
  expect(out).toContain('integration sluice-events with 2 events of a, b');
  expect(out).toContain('  received: *');

  const { out: chosen } = await generate(file, 'chosen', '--connection', 'orders', 'b');
  expect(chosen).toContain('5 events of orders, b');
});

describe('writes nothing and explains the fix for', () => {
  test.each<[string, readonly ConnectionSpec[], readonly string[], string]>([
    [
      'more than 20 events of several connections',
      [
        { id: 'a', settings: manyEvents('alpha', 12) },
        { id: 'b', settings: manyEvents('beta', 9) },
      ],
      [],
      '21 events, but an integration can have at most 20: a (12), b (9). Generate several integrations with --connection.',
    ],
    [
      'more than 20 events of one connection',
      [{ id: 'a', settings: manyEvents('alpha', 21) }],
      [],
      "Map rare topics to the event received, with '*'",
    ],
    [
      'an event with two payloads',
      [
        { id: 'a', settings: custom({ x: { name: 'pushed' } }) },
        { id: 'b', settings: custom({ x: { name: 'pushed', payload: { ref: 'ref' } } }) },
      ],
      [],
      'The event pushed has different payloads in the connections a and b.',
    ],
    [
      'a name that bp rejects',
      [{ id: 'a', settings: custom({ x: { name: 'githubPR' } }) }],
      [],
      'bp rejects the event name githubPR. Rename it to githubPr.',
    ],
    ['no connection with events', [{ id: 'a', settings: custom() }], [], 'names events'],
    ['an unknown connection', [{ id: 'a', settings: custom() }], ['--connection', 'z'], 'no connection "z"'],
    [
      'an invalid name',
      [{ id: 'a', settings: custom({ x: { name: 'pushed' } }) }],
      ['--name', 'My Name'],
      'Invalid name "My Name"',
    ],
  ])('%s', async (_, connections, more, message) => {
    const { code, err } = await generate(connectionsFile(connections), 'never', ...more);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(readdirSync(folder)).not.toContain('never');
  });
});
