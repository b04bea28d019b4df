import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/** The layers of this room, each with the layers that it may import. Type imports count. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  delivery: [],
  verification: ['delivery'],
  definitions: ['delivery', 'verification'],
  pipeline: ['delivery', 'verification', 'definitions'],
  sources: ['delivery', 'verification', 'definitions'],
  'registry.ts': ['definitions', 'sources'],
  'index.ts': ['delivery', 'verification', 'definitions', 'pipeline', 'registry.ts'],
};

const root = import.meta.dirname;
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .filter((file) => !file.includes('test-support'));

const importsOf = new Map(
  files.map((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const specifiers = [...text.matchAll(/from '(\.{1,2}\/[^']+)'/g)].map(([, specifier = '']) => specifier);
    return [file, specifiers.map((specifier) => join(dirname(file), specifier))];
  }),
);

const layerOf = (file: string) => file.split('/')[0] ?? '';
const sourceOf = (file: string) => (layerOf(file) === 'sources' ? file.split('/')[1] : undefined);

test('imports point to lower layers only', () => {
  const upward = [...importsOf].flatMap(([file, imported]) =>
    imported
      .filter((target) => layerOf(target) !== layerOf(file))
      .filter((target) => !MAY_IMPORT[layerOf(file)]?.includes(layerOf(target)))
      .map((target) => `${file} → ${target}`),
  );
  expect(files.length).toBeGreaterThan(40);
  expect(upward).toEqual([]);
});

test('a source imports no other source', () => {
  const foreign = [...importsOf].flatMap(([file, imported]) =>
    imported
      .filter((target) => sourceOf(file) !== undefined && layerOf(target) === 'sources')
      .filter((target) => sourceOf(target) !== sourceOf(file))
      .map((target) => `${file} → ${target}`),
  );
  expect(foreign).toEqual([]);
});

test('no file is in an import cycle', () => {
  expect(files.filter((file) => importsTransitively(file).has(file))).toEqual([]);
});

function importsTransitively(file: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...(importsOf.get(file) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(importsOf.get(next) ?? []));
  }
  return reached;
}
