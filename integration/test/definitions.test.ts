import type { IntegrationDefinition } from '@botpress/sdk';
import { beforeAll, describe, expect, test } from 'vitest';
import { createSourceRegistry } from '../src/sluice-events.ts';
import {
  type ConvertedSchema,
  convert,
  convertEvents,
  directoryOf,
  folders,
  isCamelCase,
  loadDefinition,
  readText,
} from './botpress-cli.ts';
import { settings, sources } from './sources.ts';

test('every source with built-in events has an integration, all others share the generic one', () => {
  expect([...folders].sort()).toEqual([...sources.map(({ name }) => name), 'generic'].sort());
});

/** Returns the paths of all fields that Botpress' linter rejects: without a title or a description. */
function unlabelled({ properties = {}, items }: ConvertedSchema, path: string): string[] {
  const own = Object.entries(properties).flatMap(([name, field]) => [
    ...(field.description && field['x-zui']?.title ? [] : [`${path}.${name}`]),
    ...unlabelled(field, `${path}.${name}`),
  ]);
  return items ? [...own, ...unlabelled(items, `${path}[]`)] : own;
}

describe.each(folders)('the integration %s', (folder) => {
  let definition: IntegrationDefinition;
  beforeAll(async () => {
    definition = await loadDefinition(directoryOf(folder));
  });

  test('is bundled and converted, and has 1 to 20 events with names that bp accepts', () => {
    const events = convertEvents(definition);
    expect(Object.keys(events).length).toBeGreaterThan(0);
    expect(Object.keys(events).length).toBeLessThanOrEqual(20);
    expect(Object.keys(events).filter((name) => !isCamelCase(name))).toEqual([]);
    for (const { schema } of Object.values(events)) {
      expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(schema.properties?.deliveryId).toMatchObject({ type: 'string' });
      expect(schema.required).toContain('deliveryId');
    }
    expect(definition.metadata.sdkVersion).toBe('7.2.4');
  });

  test('passes the rules of bp lint: titles, descriptions, category, icon and readme', () => {
    const events = Object.entries(definition.events ?? {});
    expect(definition.name).toMatch(/^sluice(-[a-z]+)?$/);
    expect(definition.version).toMatch(/^\d+\.\d+\.\d+$/);
    for (const text of [definition.title, definition.description, definition.attributes?.category]) {
      expect(text).toMatch(/\w/);
    }
    for (const [, { title, description }] of events)
      expect([title, description].map(Boolean)).toEqual([true, true]);
    expect(events.flatMap(([name, { schema }]) => unlabelled(convert(schema), name))).toEqual([]);
    if (definition.configuration) {
      expect(unlabelled(convert(definition.configuration.schema), 'configuration')).toEqual([]);
    }
    expect([definition.icon, definition.readme]).toEqual(['icon.svg', 'hub.md']);
    expect(readText(folder, 'icon.svg')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    const readme = readText(folder, 'hub.md');
    for (const [name] of events) expect(readme).toContain(`\`${name}\``);
  });

  test('names the versions of SDK, client and CLI that belong together', () => {
    const { dependencies, devDependencies } = JSON.parse(readText(folder, 'package.json'));
    expect({ ...dependencies, ...devDependencies }).toEqual({
      '@botpress/sdk': '7.2.2',
      '@botpress/client': '2.3.0',
      '@botpress/cli': '7.1.2',
    });
    // bp warns about another minor version, and so do these tests.
    const minor = (version: string) => version.split('.').slice(0, 2).join('.');
    expect(minor(dependencies['@botpress/sdk'])).toBe(minor(definition.metadata.sdkVersion));
  });
});

describe.each(sources.map((source) => ({ name: source.name, source })))(
  'the integration of $name',
  ({ name, source }) => {
    let definition: IntegrationDefinition;
    beforeAll(async () => {
      definition = await loadDefinition(directoryOf(name));
    });

    test('has the events of the source', () => {
      const events = Object.entries(definition.events ?? {}).map(([event, { title }]) => [event, title]);
      expect(events).toEqual(source.events.map((event) => [event.name, event.title]));
    });

    test('has optional fields for secrets, settings and events, and hides secrets', () => {
      const { properties = {}, required } = convert(definition.configuration?.schema);
      expect(Object.keys(properties)).toEqual(
        expect.arrayContaining(['secret', 'previousSecret', 'events', ...Object.keys(settings[name] ?? {})]),
      );
      // With Sluice's queue these values are in the connections file.
      expect(required).toBeUndefined();
      const hidden = Object.entries(properties).filter(([, property]) => property['x-zui']?.secret);
      expect(hidden.map(([field]) => field)).toEqual(
        name === 'whatsapp' ? ['secret', 'previousSecret', 'verifyToken'] : ['secret', 'previousSecret'],
      );
      expect(Object.keys(properties.events?.properties ?? {})).toEqual(
        source.events.map((event) => event.name),
      );
    });
  },
);

test('the Shopify integration has no domain setting, because its address serves one shop', async () => {
  const definition = await loadDefinition(directoryOf('shopify'));
  const { properties } = convert(definition.configuration?.schema);
  expect(properties).toHaveProperty('shopName');
  expect(properties).not.toHaveProperty('shopDomain');
});

test('the generic integration defines the event of sources whose users name the events', async () => {
  const definition = await loadDefinition(directoryOf('generic'));
  expect(Object.keys(definition.events ?? {})).toEqual(['received']);
  const registry = createSourceRegistry();
  for (const name of ['custom', 'standard-webhooks']) {
    expect(
      registry
        .get(name)
        ?.eventsOf?.({})
        .map((event) => event.name),
    ).toEqual(['received']);
  }
});
