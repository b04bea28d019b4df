import { createSourceRegistry, type SourceDefinition } from '../src/sluice-events.ts';

/** The sources that an integration is made of: those with events of their own. */
export const sources: readonly SourceDefinition[] = [...createSourceRegistry().values()].filter(
  ({ events }) => events.length > 0,
);

/** Settings that fit each source; one without an entry here fails, so that none goes untested. */
export const settings: Readonly<Record<string, Record<string, unknown>>> = {
  linear: {},
  shopify: { shopName: 'acme' },
  telegram: {},
  whatsapp: { verifyToken: 'acme-verify' },
};
