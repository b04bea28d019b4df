// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to the environment look like that
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSourceRegistry } from '@sluice/events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../config-error.ts';
import { loadConnections } from '../load-connections.ts';
import { watchConnections } from '../watch-connections.ts';
import { loadSourceRegistry } from './load-source-registry.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-modules-'));
  file = join(folder, 'c.yaml');
});

afterEach(() => rmSync(folder, { recursive: true }));

const EVENT = `defineEvent({
  name: 'parcelDelivered', title: 'Parcel delivered', description: 'It is there.', topic: 'parcel.delivered',
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

/** Writes a connections file with these modules, m0.mjs and so on. */
function write(modules: readonly string[], connections = CONNECTION): void {
  modules.forEach((text, index) => {
    writeFileSync(join(folder, `m${index}.mjs`), text);
  });
  const list = modules.map((_, index) => `  - ./m${index}.mjs\n`).join('');
  writeFileSync(file, `modules:\n${list}connections:\n${connections}`);
}

async function mistakes(env: Record<string, string> = {}): Promise<readonly string[]> {
  try {
    await loadSourceRegistry(file, { env });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((line) => line.replaceAll(`${folder}/`, ''));
    throw error;
  }
  return [];
}

const mistakesOf = (...modules: string[]) => {
  write(modules);
  return mistakes();
};

describe('a module', () => {
  test('brings a source, which connections may name', async () => {
    write([factory(`{ sources: [${source()}] }`)]);
    const registry = await loadSourceRegistry(file, { env: {} });
    const [connection] = loadConnections(file, { registry, env: {} }).all();
    expect(connection?.source.name).toBe('parcelo');
    expect([...(connection?.events.keys() ?? [])]).toEqual(['parcel.delivered']);
    expect([...registry.keys()]).toEqual([...createSourceRegistry().keys(), 'parcelo']);
  });

  test('adds events to a source of Sluice', async () => {
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

  test('may return its promise, export an object, or export by name', async () => {
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

  test('may be named by way of a variable, and by an absolute path', async () => {
    write([factory(`{ sources: [${source()}] }`)]);
    writeFileSync(file, 'modules: ["${FOLDER}/m0.mjs"]\nconnections: []\n');
    expect((await loadSourceRegistry(file, { env: { FOLDER: folder } })).has('parcelo')).toBe(true);
  });

  test('is not needed', async () => {
    writeFileSync(file, 'connections: []\n');
    expect(await loadSourceRegistry(file, { env: {} })).toEqual(createSourceRegistry());
  });
});

describe('at its place in the file it is told that', () => {
  const at = 'c.yaml:2:5  modules[0]  ';
  const paths = '  — paths are relative to the connections file';

  test('there is no such file, or it is a folder', async () => {
    writeFileSync(file, 'modules:\n  - ./none.mjs\n  - .\nconnections: []\n');
    expect(await mistakes()).toEqual([
      `${at}there is no file none.mjs${paths}`,
      `c.yaml:3:5  modules[1]  ${folder} is no file${paths}`,
    ]);
  });

  test('it throws, and where', async () => {
    expect(await mistakesOf('\n\nnull.x;\n')).toEqual([
      expect.stringMatching(/^c\.yaml:2:5 {2}modules\[0\] {2}threw TypeError: Cannot read .* \(line 3\)$/),
    ]);
    write([factory('null.x')]);
    writeFileSync(file, 'modules:\n  - ./m1.mjs\nconnections: []\n');
    writeFileSync(join(folder, 'm1.mjs'), 'export default () => { throw new RangeError("no\\nmore"); };');
    expect(await mistakes()).toEqual([`${at}threw RangeError: no (line 1)`]);
  });

  test('what it throws may hold a secret, which is hidden', async () => {
    write(['throw new Error("s3cret-a t0ken-a hunter2");'], `${CONNECTION}  # \${VALUE}\n`);
    writeFileSync(
      file,
      `modules:\n  - ./m0.mjs\nconnections:\n${CONNECTION.replace('id: a', 'id: "${VALUE}"')}`,
    );
    expect(await mistakes({ VALUE: 'hunter2' })).toEqual([
      `${at}threw Error: [hidden] [hidden] [hidden] (line 1)`,
    ]);
  });

  test('it imports what is not there', async () => {
    expect(
      await mistakesOf("import { defineSource } from '@sluice/nowhere';\nexport default defineSource;"),
    ).toEqual([
      expect.stringMatching(
        /threw Error: .*@sluice\/nowhere.* — import nothing of Sluice: export default \(\{ defineSource/,
      ),
    ]);
  });

  const form = '  — export default ({ defineSource, defineEvent, z }) => ({ sources: [ … ], events: { … } })';

  test.each([
    ['export const x = 1;', `exports neither sources nor events${form}`],
    ['export default {};', `exports neither sources nor events${form}`],
    ['export default () => {};', `what it exports is missing${form}`],
    ['export default 7;', `what it exports should be a mapping, not a number${form}`],
    [
      'export default { source: [] };',
      'what it exports has an unknown key "source"  — did you mean "sources"?',
    ],
    [
      'export default { sources: {} };',
      'sources should be a list, not a mapping  — list of what defineSource returned',
    ],
  ])('%s exports no source', async (text, message) => {
    expect(await mistakesOf(text)).toEqual([`${at}${message}`]);
  });

  test.each([
    [
      "name: 'Parcel O'",
      'sources[0].name is not a usable name  — 1 to 63 lower case letters, digits and dashes, not beginning with a dash',
    ],
    [
      'verify: undefined',
      'sources[0].verify is missing  — (webhook, { secrets, settings }) => ({ ok: true }) or ({ ok: false, why })',
    ],
    [
      'unpack: 7',
      'sources[0].unpack should be a function  — ({ webhook, text, json }, settings) => [{ topic, idempotencyKey, body: text, input: json }]',
    ],
    [
      'settings: {}',
      "sources[0].settings should be a schema of Zod 4, best made with the z that is handed in  — checks a connection's settings, like z.strictObject({})",
    ],
    [
      'deduplicationWindow: "1 h"',
      'sources[0].deduplicationWindow should be a number, not text  — milliseconds within which a resend is a duplicate; longer than the platform keeps trying',
    ],
    ['keepHeaders: ["X-Id"]', `sources[0].keepHeaders[0] should be in lower case${form}`],
    ['reply: "none"', `sources[0].reply should be one of details, empty${form}`],
    ['handshake: {}', `sources[0].handshake should be a function${form}`],
    ['hanshake: () => {}', 'sources[0] unknown key "hanshake"  — did you mean "handshake"?'],
    ["events: [{ ...{}, name: 'x' }]", 'sources[0].events[0].title is missing'],
  ])('a source has %s', async (change, message) => {
    const told = await mistakesOf(factory(`{ sources: [${source(change)}] }`));
    expect(told[0]).toContain(`${at}${message}`);
  });

  const event = (change: string) => factory(`{ events: { shopify: [{ ...${EVENT}, ${change} }] } }`);

  test.each([
    [
      "name: 'parcel-delivered'",
      'events.shopify[0].name is not an event name  — camelCase, letters and digits, at most 200, like parcelDelivered',
    ],
    [`name: 'a'.repeat(201)`, 'events.shopify[0].name is not an event name'],
    [
      'topic: 7',
      "events.shopify[0].topic should be a topic or a list of topics  — the platform's own name of it",
    ],
    ['topic: []', 'events.shopify[0].topic is too short'],
    ['map: undefined', 'events.shopify[0].map is missing  — makes the payload'],
    ['schema: z.string()', 'events.shopify[0].schema should be an object: z.object({ … })'],
    [
      'schema: z.object({ id: z.string() })',
      'events.shopify[0].schema lacks deliveryId, which defineEvent adds',
    ],
    [
      'schema: z.object({ deliveryId: z.string(), at: z.date() })',
      'events.shopify[0].schema has a type that JSON Schema has no word for, like date, bigint or transform',
    ],
    ['titel: "x"', 'events.shopify[0] unknown key "titel"  — did you mean "title"?'],
    [
      "topic: 'orders/create'",
      'events.shopify: the topic orders/create of parcelDelivered is newOrderCreated already',
    ],
    ["name: 'newOrderCreated'", 'events.shopify: two events are called newOrderCreated'],
  ])('an event has %s', async (change, message) => {
    const told = await mistakesOf(event(change));
    expect(told[0]).toContain(`${at}${message}`);
  });

  test('a name is taken, by Sluice or by another module, or is not there', async () => {
    const shopify = factory(`{ sources: [${source("name: 'shopify'")}] }`);
    const hint = (name: string) =>
      `  — choose another; to add events to it, export events: { "${name}": [ … ] }`;
    expect(await mistakesOf(shopify)).toEqual([`${at}the source name shopify is taken${hint('shopify')}`]);
    const parcelo = factory(`{ sources: [${source()}] }`);
    writeFileSync(join(folder, 'm2.mjs'), parcelo);
    writeFileSync(join(folder, 'm3.mjs'), parcelo);
    writeFileSync(file, 'modules:\n  - ./m2.mjs\n  - ./m3.mjs\nconnections: []\n');
    expect(await mistakes()).toEqual([
      `c.yaml:3:5  modules[1]  the source name parcelo is taken${hint('parcelo')}`,
    ]);
    writeFileSync(join(folder, 'm4.mjs'), factory(`{ events: { shopfy: [${EVENT}] } }`));
    writeFileSync(file, 'modules:\n  - ./m4.mjs\nconnections: []\n');
    expect((await mistakes())[0]).toContain(
      'events are for a source "shopfy" that is not there  — did you mean "shopify"? known: shopify',
    );
  });

  test('two events of a new source share a topic', async () => {
    const both = source(`events: [${EVENT}, { ...${EVENT}, name: 'other' }]`);
    expect(await mistakesOf(factory(`{ sources: [${both}] }`))).toEqual([
      `${at}source parcelo: the topic parcel.delivered of other is parcelDelivered already`,
    ]);
  });
});

describe('the rest of the file', () => {
  test('is left to loadConnections', async () => {
    for (const [text, message] of [
      ['modules: [', 'c.yaml:1:11  not valid YAML'],
      ['modules: ./m0.mjs\nconnections: []', 'c.yaml:1:10  modules  should be a list, not text'],
      ['modules: [7]\nconnections: []', 'c.yaml:1:11  modules[0]  should be text, not a number'],
      [
        'modules: ["${NONE}"]\nconnections: []',
        'c.yaml:1:11  modules[0]  environment variable NONE is not set',
      ],
    ] as const) {
      writeFileSync(file, text);
      const registry = await loadSourceRegistry(file, { env: {} });
      expect(() => loadConnections(file, { registry, env: {} })).toThrow(message);
    }
  });

  test('may not be there at all', async () => {
    await expect(loadSourceRegistry(file, { env: {} })).rejects.toThrow('no such connections file');
  });
});

test('a module that is added while Sluice runs needs a restart, and is told so', async () => {
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
    'c.yaml:3:5  modules[1]  is not loaded  — modules are read at start: restart Sluice',
  ]);
  expect(watched.current.size).toBe(1);
  writeFileSync(file, 'modules:\n  - ./m0.mjs\nconnections: []\n');
  look();
  look();
  expect(watched.current.size).toBe(0);
});
