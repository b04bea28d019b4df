import { createSourceRegistry, type SourceDefinition } from '../src/sluice-events.ts';

/** Sources that have an integration: those with built-in events. */
export const sources: readonly SourceDefinition[] = [...createSourceRegistry().values()].filter(
  ({ events }) => events.length > 0,
);

/** Valid settings of each source. A source without an entry fails, so none is left untested. */
export const settings: Readonly<Record<string, Record<string, unknown>>> = {
  linear: {},
  shopify: { shopName: 'acme' },
  telegram: {},
  whatsapp: { verifyToken: 'acme-verify' },
};
