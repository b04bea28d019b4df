import { IntegrationDefinition } from '@botpress/sdk';
import { defineConfiguration, type SettingsInBotpress } from './define-configuration.ts';
import { defineEvents } from './define-events.ts';
import type { SourceDefinition } from './sluice-events.ts';

const VERSION = '0.1.0';

/**
 * Defines the Botpress integration of a source: what `integration.definition.ts` exports.
 *
 * There is one for each source, for all events together are more than the 20 that Botpress takes, and a
 * connection needs those of its own source only.
 */
export function defineSluiceIntegration(
  source: SourceDefinition,
  settings: SettingsInBotpress = {},
): IntegrationDefinition {
  if (source.events.length === 0) {
    throw new RangeError(
      `${source.name} has no events of its own: its users name them in the connections file`,
    );
  }
  return new IntegrationDefinition({
    name: `sluice-${source.name}`,
    version: VERSION,
    title: `${source.title} by Sluice`,
    description: `Events of ${source.title}, sent by Sluice or received by the integration itself.`,
    configuration: { schema: defineConfiguration(source, settings) },
    events: defineEvents(source.events),
  });
}
