import { expect, test } from 'vitest';
import { createSourceRegistry } from './registry.ts';

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

/** Returns the paths of all properties without a description. */
function undescribed({ properties = {}, items }: JsonSchema, path: string): string[] {
  const own = Object.entries(properties).flatMap(([name, property]) => [
    ...(property.description ? [] : [`${path}.${name}`]),
    ...undescribed(property, `${path}.${name}`),
  ]);
  return items ? [...own, ...undescribed(items, `${path}[]`)] : own;
}

test('every payload field has a description, which Botpress requires and shows', () => {
  const events = [...createSourceRegistry().values()].flatMap((source) => source.events);
  const missing = events.flatMap((event) =>
    undescribed(event.schema.toJSONSchema() as JsonSchema, event.name),
  );
  expect(missing).toEqual([]);
});
