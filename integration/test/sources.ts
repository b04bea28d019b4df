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

/** Composes and signs a sample webhook of a source. */
export function sampleOf(source: SourceDefinition, topic: string, secret: string, number = 1) {
  if (!source.samples) throw new Error('no samples');
  const occasion = { number, now: Date.now(), settings: source.settings.parse(settings[source.name]) };
  return source.samples.sign(source.samples.compose(topic, occasion), secret);
}
