import type { SourceDefinition } from './definitions/define-source.ts';
import { custom } from './sources/custom/custom.ts';
import { linear } from './sources/linear/linear.ts';
import { shopify } from './sources/shopify/shopify.ts';
import { standardWebhooks } from './sources/standard-webhooks/standard-webhooks.ts';
import { telegram } from './sources/telegram/telegram.ts';
import { whatsapp } from './sources/whatsapp/whatsapp.ts';

/** The sources of a process by name. */
export type SourceRegistry = ReadonlyMap<string, SourceDefinition>;

/**
 * Returns the built-in sources and the given ones by name.
 *
 * @param additional sources of user modules; one with the name of a built-in source replaces it
 */
export function createSourceRegistry(additional: readonly SourceDefinition[] = []): SourceRegistry {
  return new Map([...builtIn, ...additional].map((source) => [source.name, source]));
}

const builtIn: readonly SourceDefinition[] = [
  shopify as SourceDefinition,
  linear as SourceDefinition,
  telegram as SourceDefinition,
  whatsapp as SourceDefinition,
  standardWebhooks as SourceDefinition,
  custom as SourceDefinition,
];
