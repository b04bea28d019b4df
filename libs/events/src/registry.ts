import type { SourceDefinition } from './define-source.ts';
import { shopify } from './sources/shopify/shopify.ts';

/** The sources that a process knows, by name. */
export type SourceRegistry = ReadonlyMap<string, SourceDefinition>;

/** Builds a registry: the sources that come with Sluice, and those of the user. */
export function createSourceRegistry(own: readonly SourceDefinition[] = []): SourceRegistry {
  return new Map([...builtIn, ...own].map((source) => [source.name, source]));
}

const builtIn: readonly SourceDefinition[] = [shopify as SourceDefinition];
