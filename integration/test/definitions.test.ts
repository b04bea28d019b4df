import { type IntegrationDefinitionProps, transforms, type z } from '@botpress/sdk';
import { describe, expect, test } from 'vitest';
import linear from '../linear/integration.definition.ts';
import shopify from '../shopify/integration.definition.ts';
import { defineEvents } from '../src/define-events.ts';
import { defineSluiceIntegration } from '../src/define-sluice-integration.ts';
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

test('every source with events of its own has an integration', () => {
  expect(Object.keys(integrations).sort()).toEqual(sources.map(({ name }) => name).sort());
});

describe.each(sources.map((source) => ({ name: source.name, source })))('$name', ({ name, source }) => {
  const definition = integrations[name as keyof typeof integrations];

  test('is what Botpress takes: name, version, at most 20 events', () => {
    expect(definition.name).toBe(`sluice-${name}`);
    expect(definition.version).toMatch(/^\d+\.\d+\.\d+$/);
    const events = definition.events satisfies IntegrationDefinitionProps['events'];
    expect(Object.keys(events ?? {})).toEqual(source.events.map((event) => event.name));
    expect(source.events.length).toBeLessThanOrEqual(20);
    expect(definition.metadata.sdkVersion).toBe('5.4.3');
  });

  test('tells of each event what Sluice tells: title, description, and those of the fields', () => {
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

  test('asks for secret, settings and events; secrets are hidden', () => {
    const { properties, required } = toJson(definition.configuration?.schema as z.ZodTypeAny);
    expect(Object.keys(properties)).toEqual(
      expect.arrayContaining(['secret', 'previousSecret', 'events', ...Object.keys(settings[name] ?? {})]),
    );
    // With Sluice's queue all of it stands in the connections file.
    expect(required).toBeUndefined();
    const hidden = Object.entries(properties).filter(
      ([, property]) => (property['x-zui'] as { secret?: true } | undefined)?.secret,
    );
    expect(hidden.map(([field]) => field)).toEqual(
      name === 'whatsapp' ? ['secret', 'previousSecret', 'verifyToken'] : ['secret', 'previousSecret'],
    );
    const wishes = properties.events as { properties: Record<string, unknown> };
    expect(Object.keys(wishes.properties)).toEqual(source.events.map((event) => event.name));
  });
});

test('Shopify inside Botpress has one shop an address, so it asks for no domain', () => {
  const { properties } = toJson(shopify.configuration?.schema as z.ZodTypeAny);
  expect(properties).toHaveProperty('shopName');
  expect(properties).not.toHaveProperty('shopDomain');
});

describe('what Botpress would refuse is refused before', () => {
  const source = createSourceRegistry().get('linear') as SourceDefinition;
  const [event] = source.events;
  if (!event) throw new Error('no event');

  test('a source whose events are named by its users', () => {
    const custom = createSourceRegistry().get('custom') as SourceDefinition;
    expect(() => defineSluiceIntegration(custom)).toThrow(/its users name them/);
  });

  test('more than 20 events', () => {
    const many = Array.from({ length: 21 }, (_, index) => ({ ...event, name: `event${index}` }));
    expect(() => defineEvents(many)).toThrow(/at most 20/);
  });

  test('a setting that the form has already', () => {
    const settings = (createSourceRegistry().get('custom') as SourceDefinition).settings;
    expect(() => defineSluiceIntegration({ ...source, settings })).toThrow();
  });
});
