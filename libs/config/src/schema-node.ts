import { z } from 'zod';
import type { Path } from './path.ts';

/** What a schema says about one place in the file. */
export interface SchemaNode {
  readonly description?: string;
  /** Keys that are known there, if it is a mapping. */
  readonly keys: readonly string[];
}

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Looks up a path in a schema by way of its JSON Schema, which has descriptions and keys at hand. */
export function schemaNode(schema: z.ZodType, path: Path): SchemaNode {
  let node: JsonSchema | undefined = jsonSchema(schema);
  for (const step of path) node = child(node, step);
  return {
    ...(node?.description === undefined ? {} : { description: node.description }),
    keys: Object.keys(node?.properties ?? {}),
  };
}

/** A mistake repeated in 5,000 connections would otherwise convert the same schema 5,000 times. */
const converted = new WeakMap<z.ZodType, JsonSchema>();

function jsonSchema(schema: z.ZodType): JsonSchema {
  // Sources of users may use types that JSON Schema does not know: those say nothing here.
  const known = converted.get(schema) ?? z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  converted.set(schema, known);
  return known;
}

function child(node: JsonSchema | undefined, step: PropertyKey): JsonSchema | undefined {
  const next = typeof step === 'number' ? node?.items : node?.properties?.[String(step)];
  return typeof next === 'object' && !Array.isArray(next) ? next : undefined;
}
