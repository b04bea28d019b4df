import { z } from 'zod';
import type { Path } from './path.ts';

/** What a schema says about one place in the file. */
export interface SchemaNode {
  readonly description?: string;
  /** Keys that are known there, if it is a mapping. */
  readonly keys: readonly string[];
}

type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * Looks up a path in a schema by way of its JSON Schema, which has descriptions and keys at hand. Where there
 * are alternatives, it says what any of them says.
 */
export function schemaNode(schema: z.ZodType, path: Path): SchemaNode {
  let nodes: readonly JsonSchema[] = alternatives(jsonSchema(schema));
  for (const step of path) nodes = nodes.flatMap((node) => alternatives(child(node, step)));
  const described = nodes.find((node) => node.description !== undefined);
  return {
    ...(described?.description === undefined ? {} : { description: described.description }),
    keys: [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))],
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

/** The schema itself, and those of a union. */
function alternatives(node: JsonSchema | undefined): readonly JsonSchema[] {
  if (!node) return [];
  const more = [...(node.oneOf ?? []), ...(node.anyOf ?? [])];
  return [node, ...more.flatMap((one) => (typeof one === 'object' ? alternatives(one) : []))];
}

function child(node: JsonSchema, step: PropertyKey): JsonSchema | undefined {
  const { properties = {}, additionalProperties } = node;
  const named = Object.hasOwn(properties, String(step)) ? properties[String(step)] : additionalProperties;
  const next = typeof step === 'number' ? node.items : named;
  return typeof next === 'object' && !Array.isArray(next) ? next : undefined;
}
