// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to environment variables
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSourceRegistry } from '@sluice/events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../config-error.ts';
import { loadConnections } from '../connections/load-connections.ts';
import { watchConnections } from '../connections/watch-connections.ts';
import { loadSourceRegistry } from './load-source-registry.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-modules-'));
  file = join(folder, 'c.yaml');
});

afterEach(() => rmSync(folder, { recursive: true }));

const EVENT = `defineEvent({
  name: 'parcelDelivered', title: 'Parcel delivered', description: 'A parcel was delivered.', topic: 'parcel.delivered',
  input: z.looseObject({ id: z.string() }), schema: z.object({ id: z.string() }), map: ({ id }) => ({ id }),
})`;

const source = (change = '') => `defineSource({
  name: 'parcelo', title: 'Parcelo', settings: z.strictObject({}), deduplicationWindow: 1000, keepHeaders: [],
  verify: (webhook, { secrets }) => verifyHmac({ message: webhook.body, signature: webhook.headers.sig ?? '', encoding: 'hex', secrets }) ? { ok: true } : { ok: false, why: 'no' },
  unpack: ({ text, json }) => [{ topic: json.topic, idempotencyKey: json.id, body: text, input: json }],
  events: [${EVENT}], ${change}
})`;

const factory = (body: string) =>
  `export default ({ defineSource, defineEvent, z, verifyHmac }) => (${body});\n`;

const CONNECTION =
  '  - { id: a, source: parcelo, secrets: [s3cret-a], botpress: { botId: b, token: t0ken-a } }\n';

/** Writes a connections file and its modules m0.mjs, m1.mjs, … */
function write(modules: readonly string[], connections = CONNECTION): void {
  modules.forEach((text, index) => {
    writeFileSync(join(folder, `m${index}.mjs`), text);
  });
  const list = modules.map((_, index) => `  - ./m${index}.mjs\n`).join('');
  writeFileSync(file, `modules:\n${list}connections:\n${connections}`);
}

async function problems(env: Record<string, string> = {}): Promise<readonly string[]> {
  try {
    await loadSourceRegistry(file, { env });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((line) => line.replaceAll(`${folder}/`, ''));
    throw error;
  }
  return [];
}

const problemsOf = (...modules: string[]) => {
  write(modules);
  return problems();
};

describe('a module', () => {
  test('adds a source for connections', async () => {
    write([factory(`{ sources: [${source()}] }`)]);
    const registry = await loadSourceRegistry(file, { env: {} });
    const [connection] = loadConnections(file, { registry, env: {} }).all();
    expect(connection?.source.name).toBe('parcelo');
    expect([...(connection?.events.keys() ?? [])]).toEqual(['parcel.delivered']);
    expect([...registry.keys()]).toEqual([...createSourceRegistry().keys(), 'parcelo']);
  });

  test('adds events to a built-in source', async () => {
    const shopify =
      '  - { id: a, source: shopify, secrets: [s], settings: { shopName: a }, botpress: { botId: b, token: t } }\n';
    write([factory(`{ events: { shopify: [${EVENT}] } }`)], shopify);
    const registry = await loadSourceRegistry(file, { env: {} });
    const [connection] = loadConnections(file, { registry, env: {} }).all();
    expect(connection?.events.get('parcel.delivered')?.name).toBe('parcelDelivered');
    expect(connection?.events.get('orders/create')?.name).toBe('newOrderCreated');
    expect(
      createSourceRegistry()
        .get('shopify')
        ?.events.map(({ name }) => name),
    ).not.toContain('parcelDelivered');
  });

  test('may return a promise, export an object, or use named exports', async () => {
    const kit = `const defineSource = (x) => x;\nconst settings = { _zod: {}, safeParse() {} };\n`;
    const plain =
      "{ name: 'plain', title: 'Plain', settings, deduplicationWindow: 1, keepHeaders: [], verify() {}, unpack() {}, events: [] }";
    for (const text of [
      `${kit}export default async () => ({ sources: [${plain}] });`,
      `${kit}export default { sources: [${plain}] };`,
      `${kit}export const sources = [${plain}];\nexport const other = 1;`,
    ]) {
      write([text.replace('Plain', String(Math.random()))]);
      // Node keeps what it imported from a path.
      rmSync(file);
      const name = `m${Math.random()}.mjs`;
      writeFileSync(join(folder, name), text);
      writeFileSync(file, `modules: [${name}]\nconnections: []\n`);
      expect((await loadSourceRegistry(file, { env: {} })).has('plain')).toBe(true);
    }
  });

  test('may have an absolute path with a variable', async () => {
    write([factory(`{ sources: [${source()}] }`)]);
    writeFileSync(file, 'modules: ["${FOLDER}/m0.mjs"]\nconnections: []\n');
    expect((await loadSourceRegistry(file, { env: { FOLDER: folder } })).has('parcelo')).toBe(true);
  });

  test('is optional', async () => {
    writeFileSync(file, 'connections: []\n');
    expect(await loadSourceRegistry(file, { env: {} })).toEqual(createSourceRegistry());
  });
});

describe('problems of modules with their position', () => {
  const at = 'c.yaml:2:5: modules[0] ';
  const paths = '. Paths are relative to the connections file.';

  test('a missing file, and a folder', async () => {
    writeFileSync(file, 'modules:\n  - ./none.mjs\n  - .\nconnections: []\n');
    expect(await problems()).toEqual([
      `${at}names the missing file none.mjs${paths}`,
      `c.yaml:3:5: modules[1] names ${folder}, which is not a file${paths}`,
    ]);
  });

  test('an exception, with its line', async () => {
    expect(await problemsOf('\n\nnull.x;\n')).toEqual([
      expect.stringMatching(/^c\.yaml:2:5: modules\[0\] threw TypeError: Cannot read .* \(line 3\)\.$/),
    ]);
    write([factory('null.x')]);
    writeFileSync(file, 'modules:\n  - ./m1.mjs\nconnections: []\n');
    writeFileSync(join(folder, 'm1.mjs'), 'export default () => { throw new RangeError("no\\nmore"); };');
    expect(await problems()).toEqual([`${at}threw RangeError: no (line 1).`]);
  });

  test('an exception with secrets, which are masked', async () => {
    write(['throw new Error("s3cret-a t0ken-a hunter2");'], `${CONNECTION}  # \${VALUE}\n`);
    writeFileSync(
      file,
      `modules:\n  - ./m0.mjs\nconnections:\n${CONNECTION.replace('id: a', 'id: "${VALUE}"')}`,
    );
    expect(await problems({ VALUE: 'hunter2' })).toEqual([
      `${at}threw Error: [hidden] [hidden] [hidden] (line 1).`,
    ]);
  });

  test('an import of a missing package', async () => {
    expect(
      await problemsOf("import { defineSource } from '@sluice/nowhere';\nexport default defineSource;"),
    ).toEqual([
      expect.stringMatching(
        /threw Error: .*@sluice\/nowhere.* Import nothing of Sluice: export default \(\{ defineSource/,
      ),
    ]);
  });

  const form =
    '. Expected: export default ({ defineSource, defineEvent, z }) => ({ sources: [ … ], events: { … } }).';

  test.each([
    ['export const x = 1;', `exports neither sources nor events${form}`],
    ['export default {};', `exports neither sources nor events${form}`],
    ['export default () => {};', `has an invalid export: the export is missing${form}`],
    ['export default 7;', `has an invalid export: the export must be a mapping, not a number${form}`],
    [
      'export default { source: [] };',
      'has an invalid export: the export has the unknown key "source". Did you mean "sources"?',
    ],
    [
      'export default { sources: {} };',
      'has an invalid export: sources must be a list, not a mapping. Expected: list of sources created by defineSource.',
    ],
  ])('%s, which exports no source', async (text, message) => {
    expect(await problemsOf(text)).toEqual([`${at}${message}`]);
  });

  test.each([
    [
      "name: 'Parcel O'",
      'has an invalid export: sources[0].name is not a valid name. Expected: 1 to 63 lower-case letters, digits and dashes, not starting with a dash.',
    ],
    [
      'verify: undefined',
      'has an invalid export: sources[0].verify is missing. Expected: (webhook, { secrets, settings }) => ({ ok: true }) or ({ ok: false, why }).',
    ],
    [
      'unpack: 7',
      'has an invalid export: sources[0].unpack must be a function. Expected: ({ webhook, text, json }, settings) => [{ topic, idempotencyKey, body: text, input: json }].',
    ],
    [
      'settings: {}',
      'has an invalid export: sources[0].settings must be a Zod 4 schema, preferably created with the provided z. Expected: schema of the settings of a connection, like z.strictObject({}).',
    ],
    [
      'deduplicationWindow: "1 h"',
      'has an invalid export: sources[0].deduplicationWindow must be a number, not text. Expected: milliseconds within which a resend is a duplicate; longer than the platform retries.',
    ],
    [
      'keepHeaders: ["X-Id"]',
      `has an invalid export: sources[0].keepHeaders[0] must be in lower case${form}`,
    ],
    ['reply: "none"', `has an invalid export: sources[0].reply must be one of details, empty${form}`],
    ['handshake: {}', `has an invalid export: sources[0].handshake must be a function${form}`],
    [
      'hanshake: () => {}',
      'has an invalid export: sources[0] has the unknown key "hanshake". Did you mean "handshake"?',
    ],
    ["events: [{ ...{}, name: 'x' }]", 'has an invalid export: sources[0].events[0].title is missing'],
  ])('a source with %s', async (change, message) => {
    const [first = ''] = await problemsOf(factory(`{ sources: [${source(change)}] }`));
    expect(first).toContain(`${at}${message}`);
  });

  const event = (change: string) => factory(`{ events: { shopify: [{ ...${EVENT}, ${change} }] } }`);

  test.each([
    [
      "name: 'parcel-delivered'",
      'has an invalid export: events.shopify[0].name is not an event name. Expected: camelCase of at most 200 letters and digits, like parcelDelivered.',
    ],
    [`name: 'a'.repeat(201)`, 'has an invalid export: events.shopify[0].name is not an event name'],
    [
      'topic: 7',
      "has an invalid export: events.shopify[0].topic must be a topic or a list of topics. Expected: the platform's name of the topic.",
    ],
    ['topic: []', 'has an invalid export: events.shopify[0].topic is too short'],
    [
      'map: undefined',
      'has an invalid export: events.shopify[0].map is missing. Expected: mapper to the payload',
    ],
    [
      'schema: z.string()',
      'has an invalid export: events.shopify[0].schema must be an object: z.object({ … })',
    ],
    [
      'schema: z.object({ id: z.string() })',
      'has an invalid export: events.shopify[0].schema lacks deliveryId, which defineEvent adds',
    ],
    [
      'schema: z.object({ deliveryId: z.string(), at: z.date() })',
      'has an invalid export: events.shopify[0].schema has a type that JSON Schema cannot express, like date, bigint or transform',
    ],
    [
      'titel: "x"',
      'has an invalid export: events.shopify[0] has the unknown key "titel". Did you mean "title"?',
    ],
    [
      "topic: 'orders/create'",
      'assigns the topic orders/create of newOrderCreated to parcelDelivered as well in events.shopify.',
    ],
    ["name: 'newOrderCreated'", 'defines a second event newOrderCreated in events.shopify.'],
  ])('an event with %s', async (change, message) => {
    const [first = ''] = await problemsOf(event(change));
    expect(first).toContain(`${at}${message}`);
  });

  test('a source name of Sluice or another module, and an unknown one', async () => {
    const shopify = factory(`{ sources: [${source("name: 'shopify'")}] }`);
    const hint = (name: string) =>
      `. Choose another name; to add events to it, export events: { "${name}": [ … ] }.`;
    expect(await problemsOf(shopify)).toEqual([
      `${at}defines the source shopify, which exists already${hint('shopify')}`,
    ]);
    const parcelo = factory(`{ sources: [${source()}] }`);
    writeFileSync(join(folder, 'm2.mjs'), parcelo);
    writeFileSync(join(folder, 'm3.mjs'), parcelo);
    writeFileSync(file, 'modules:\n  - ./m2.mjs\n  - ./m3.mjs\nconnections: []\n');
    expect(await problems()).toEqual([
      `c.yaml:3:5: modules[1] defines the source parcelo, which exists already${hint('parcelo')}`,
    ]);
    writeFileSync(join(folder, 'm4.mjs'), factory(`{ events: { shopfy: [${EVENT}] } }`));
    writeFileSync(file, 'modules:\n  - ./m4.mjs\nconnections: []\n');
    expect((await problems())[0]).toContain(
      'adds events to the unknown source "shopfy". Did you mean "shopify"? Known: shopify',
    );
  });

  test('two events of a new source with the same topic', async () => {
    const both = source(`events: [${EVENT}, { ...${EVENT}, name: 'other' }]`);
    expect(await problemsOf(factory(`{ sources: [${both}] }`))).toEqual([
      `${at}assigns the topic parcel.delivered of parcelDelivered to other as well in source parcelo.`,
    ]);
  });
});

describe('other problems of the file', () => {
  test('are left to loadConnections', async () => {
    for (const [text, message] of [
      ['modules: [', 'c.yaml:1:11: the file is not valid YAML'],
      ['modules: ./m0.mjs\nconnections: []', 'c.yaml:1:10: modules must be a list, not text'],
      ['modules: [7]\nconnections: []', 'c.yaml:1:11: modules[0] must be text, not a number'],
      [
        'modules: ["${NONE}"]\nconnections: []',
        'c.yaml:1:11: modules[0] refers to the unset environment variable NONE',
      ],
    ] as const) {
      writeFileSync(file, text);
      const registry = await loadSourceRegistry(file, { env: {} });
      expect(() => loadConnections(file, { registry, env: {} })).toThrow(message);
    }
  });

  test('include a missing file', async () => {
    await expect(loadSourceRegistry(file, { env: {} })).rejects.toThrow('no such connections file');
  });
});

test('reports that a module added at runtime requires a restart', async () => {
  write([factory(`{ sources: [${source()}] }`)]);
  const registry = await loadSourceRegistry(file, { env: {} });
  const rejected: string[] = [];
  let look = () => {};
  const watched = watchConnections(file, {
    registry,
    env: {},
    onRejected: ({ problems }) => rejected.push(...problems.map((line) => line.replace(`${folder}/`, ''))),
    schedule: (check) => {
      look = check;
      return () => {};
    },
  });
  writeFileSync(file, 'modules:\n  - ./m0.mjs\n  - ./m1.mjs\nconnections: []\n');
  look();
  look();
  expect(rejected).toEqual([
    'c.yaml:3:5: modules[1] is not loaded. Restart Sluice: modules are loaded at startup.',
  ]);
  expect(watched.current.size).toBe(1);
  writeFileSync(file, 'modules:\n  - ./m0.mjs\nconnections: []\n');
  look();
  look();
  expect(watched.current.size).toBe(0);
});
