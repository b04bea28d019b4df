import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createSourceRegistry, type EventDefinition, receivedEvent } from '@sluice/events';
import { describe, expect, test } from 'vitest';
import { builtInIntegrations } from './built-in-integrations.ts';
import { type IntegrationSpec, integrationFiles } from './integration-files.ts';
import { titleOf } from './render-zui.ts';
import { sourceIntegration } from './source-integration.ts';

const ROOT = fileURLToPath(new URL('../../../../integration', import.meta.url));

const built = builtInIntegrations();

test.each([...built])(
  'integration/%s is as generated; otherwise run npm run generate -w libs/botpress',
  (folder, spec) => {
    for (const [path, text] of integrationFiles(spec)) {
      expect(readFileSync(`${ROOT}/${folder}/${path}`, 'utf8'), path).toBe(text);
    }
  },
);

test('integration/ has no folder with a definition that is not generated', () => {
  const folders = readdirSync(ROOT).filter((name) => {
    try {
      return readdirSync(`${ROOT}/${name}`).includes('integration.definition.ts');
    } catch {
      return false;
    }
  });
  expect(folders.sort()).toEqual([...built.keys()].sort());
});

describe('an integration is rejected with', () => {
  const spec = built.get('generic') as IntegrationSpec;
  const named = (...names: string[]) =>
    names.map((name): EventDefinition => ({ ...(receivedEvent as EventDefinition), name }));

  test.each([0, 21])('%s events', (count) => {
    const events = named(...Array.from({ length: count }, (_, index) => `event${index}`));
    expect(() => integrationFiles({ ...spec, events })).toThrow(`1 to 20 events, not ${count}`);
  });

  test.each([
    ['githubPR', 'githubPr'],
    ['order2Paid', 'order2paid'],
  ])('the event name %s, which bp rejects', (name, accepted) => {
    expect(() => integrationFiles({ ...spec, events: named(name) })).toThrow(`Rename it to ${accepted}.`);
    expect(() => integrationFiles({ ...spec, events: named(accepted) })).not.toThrow();
  });

  test('a setting with a reserved name', () => {
    const registry = createSourceRegistry();
    const [linear, custom] = [registry.get('linear'), registry.get('custom')];
    if (!linear || !custom) throw new Error('no source');
    const source = { ...linear, settings: custom.settings };
    expect(() => sourceIntegration(source, { category: 'Other' }, 'test')).toThrow(
      'the setting name events is reserved',
    );
  });
});

test.each([
  ['order_gid', 'Order GID'],
  ['shopName', 'Shop name'],
  ['labelIds', 'Label IDs'],
  ['id', 'ID'],
  ['url2', 'Url2'],
])('the title of the field %s is %s', (name, title) => {
  expect(titleOf(name)).toBe(title);
});
