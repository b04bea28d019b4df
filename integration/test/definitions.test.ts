import { type IntegrationDefinitionProps, transforms, type z } from '@botpress/sdk';
import { describe, expect, test } from 'vitest';
import linear from '../linear/integration.definition.ts';
import shopify from '../shopify/integration.definition.ts';
import { defineEvents, defineSluiceIntegration } from '../src/define-sluice-integration.ts';
import { createSourceRegistry, type SourceDefinition } from '../src/sluice-events.ts';
import telegram from '../telegram/integration.definition.ts';
import whatsapp from '../whatsapp/integration.definition.ts';
import { settings, sources } from './sources.ts';

const integrations = { linear, shopify, telegram, whatsapp };

const toJson = (schema: z.ZodTypeAny) =>
  transforms.toJSONSchema(schema) as {
    properties: Record<string, Record<string, unknown>>;
    required?: string[];
    additionalProperties: unknown;
  };

test('every source with built-in events has an integration', () => {
  expect(Object.keys(integrations).sort()).toEqual(sources.map(({ name }) => name).sort());
});

describe.each(sources.map((source) => ({ name: source.name, source })))('$name', ({ name, source }) => {
  const definition = integrations[name as keyof typeof integrations];

  test('has a valid name and version, and at most 20 events', () => {
    expect(definition.name).toBe(`sluice-${name}`);
    expect(definition.version).toMatch(/^\d+\.\d+\.\d+$/);
    const events = definition.events satisfies IntegrationDefinitionProps['events'];
    expect(Object.keys(events ?? {})).toEqual(source.events.map((event) => event.name));
    expect(source.events.length).toBeLessThanOrEqual(20);
    expect(definition.metadata.sdkVersion).toBe('5.4.3');
  });

  test('has the titles and descriptions of events and fields that Sluice defines', () => {
    for (const event of source.events) {
      const defined = definition.events?.[event.name];
      expect(defined).toMatchObject({ title: event.title, description: event.description });
      const ours = event.schema.toJSONSchema({ target: 'draft-7' }).properties ?? {};
      const theirs = toJson(defined?.schema as z.ZodTypeAny).properties;
      const descriptions = (from: object) =>
        Object.entries(from).map(([field, { description }]) => [field, description]);
      expect(descriptions(theirs)).toEqual(descriptions(ours));
      expect(theirs.deliveryId).toMatchObject({ type: 'string' });
    }
  });

  test('has optional fields for secrets, settings and events, and hides secrets', () => {
    const { properties, required } = toJson(definition.configuration?.schema as z.ZodTypeAny);
    expect(Object.keys(properties)).toEqual(
      expect.arrayContaining(['secret', 'previousSecret', 'events', ...Object.keys(settings[name] ?? {})]),
    );
    // With Sluice's queue these values are in the connections file.
    expect(required).toBeUndefined();
    const hidden = Object.entries(properties).filter(
      ([, property]) => (property['x-zui'] as { secret?: true } | undefined)?.secret,
    );
    expect(hidden.map(([field]) => field)).toEqual(
      name === 'whatsapp' ? ['secret', 'previousSecret', 'verifyToken'] : ['secret', 'previousSecret'],
    );
    const switches = properties.events as { properties: Record<string, unknown> };
    expect(Object.keys(switches.properties)).toEqual(source.events.map((event) => event.name));
  });
});

test('the Shopify integration has no domain setting, because its address serves one shop', () => {
  const { properties } = toJson(shopify.configuration?.schema as z.ZodTypeAny);
  expect(properties).toHaveProperty('shopName');
  expect(properties).not.toHaveProperty('shopDomain');
});

describe('defining an integration fails for', () => {
  const source = createSourceRegistry().get('linear') as SourceDefinition;
  const [event] = source.events;
  if (!event) throw new Error('no event');

  test('a source whose users name the events', () => {
    const custom = createSourceRegistry().get('custom') as SourceDefinition;
    expect(() => defineSluiceIntegration(custom)).toThrow(/users name them/);
  });

  test('more than 20 events', () => {
    const many = Array.from({ length: 21 }, (_, index) => ({ ...event, name: `event${index}` }));
    expect(() => defineEvents(many)).toThrow(/at most 20/);
  });

  test('a setting with a reserved name', () => {
    const settings = (createSourceRegistry().get('custom') as SourceDefinition).settings;
    expect(() => defineSluiceIntegration({ ...source, settings })).toThrow();
  });
});
