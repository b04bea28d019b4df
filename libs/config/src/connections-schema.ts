import { createSourceRegistry, type SourceDefinition, type SourceRegistry } from '@sluice/events';
import { z } from 'zod';
import { connectionSchema, fileSchema } from './connection-schema.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * Makes the JSON Schema of the connections file, by which editors complete and check it. It comes from the
 * schemas that check the file itself; `settings` follow from `source`.
 */
export function connectionsJsonSchema(registry: SourceRegistry = createSourceRegistry()): JsonSchema {
  const file = toJsonSchema(fileSchema);
  const connection = toJsonSchema(connectionSchema);
  const sources = [...registry.values()];
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Connections of Sluice',
    ...file,
    properties: {
      ...file.properties,
      connections: {
        ...(file.properties?.connections as JsonSchema),
        items: {
          ...connection,
          allOf: sources.map(settingsOf),
        },
      },
    },
    // Modules bring sources that no schema of ours knows.
    if: { not: { required: ['modules'] } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: namedSources(sources),
  };
}

function namedSources(sources: readonly SourceDefinition[]): JsonSchema {
  const source = { enum: sources.map(({ name }) => name) };
  return { properties: { connections: { items: { properties: { source } } } } };
}

function settingsOf(source: SourceDefinition): JsonSchema {
  const settings = toJsonSchema(source.settings);
  const isNeeded = (settings.required ?? []).length > 0;
  return {
    if: { properties: { source: { const: source.name } }, required: ['source'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { settings }, ...(isNeeded ? { required: ['settings'] } : {}) },
  };
}

/** Draft 7 is the one that the YAML extensions of editors know best. */
function toJsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  return rest;
}
