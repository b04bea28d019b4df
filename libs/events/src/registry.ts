import type { SourceDefinition } from './define-source.ts';
import { custom } from './sources/custom/custom.ts';
import { linear } from './sources/linear/linear.ts';
import { shopify } from './sources/shopify/shopify.ts';
import { standardWebhooks } from './sources/standard-webhooks/standard-webhooks.ts';
import { telegram } from './sources/telegram/telegram.ts';
import { whatsapp } from './sources/whatsapp/whatsapp.ts';

/** The sources that a process knows, by name. */
export type SourceRegistry = ReadonlyMap<string, SourceDefinition>;

/** Builds a registry: the sources that come with Sluice, and those of the user. */
export function createSourceRegistry(own: readonly SourceDefinition[] = []): SourceRegistry {
  return new Map([...builtIn, ...own].map((source) => [source.name, source]));
}

const builtIn: readonly SourceDefinition[] = [
  shopify as SourceDefinition,
  linear as SourceDefinition,
  telegram as SourceDefinition,
  whatsapp as SourceDefinition,
  standardWebhooks as SourceDefinition,
  custom as SourceDefinition,
];
