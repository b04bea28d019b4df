import type { EventDefinition, SourceDefinition } from '@sluice/events';
import { CUSTOMER_LINK, type IntegrationSpec } from './integration-files.ts';
import type { JsonSchema } from './render-zui.ts';

/** What an integration needs besides its source. */
export interface SourceIntegrationOptions {
  readonly category: string;
  /** Settings to omit, because they only apply to an address that serves several accounts. */
  readonly omit?: readonly string[];
  /** Settings that the dashboard hides and stores as secrets. */
  readonly secret?: readonly string[];
}

/**
 * Returns the integration of a built-in source, which can also receive the platform's webhooks itself.
 *
 * Each source has its own integration: all events together exceed Botpress' limit per integration, and a
 * connection needs only the events of its source.
 *
 * @throws RangeError if a setting has a reserved name
 */
export function sourceIntegration(
  source: SourceDefinition,
  { category, omit = [], secret = [] }: SourceIntegrationOptions,
  origin: string,
): IntegrationSpec {
  return {
    name: `sluice-${source.name}`,
    title: `${source.title} by Sluice`,
    description: `${source.title} events, sent by Sluice or received directly by the integration.`,
    category,
    events: source.events,
    link: source.link ?? CUSTOMER_LINK,
    configuration: configurationOf(source, omit, secret),
    code: renderCode(source.name),
    usage: renderUsage(source),
    origin,
  };
}

/**
 * Returns the JSON Schema of the configuration form: secrets, the source's settings, and a switch per event.
 * All fields are optional, because with Sluice's queue these values are in the connections file. The handler
 * requires the source's mandatory settings if a secret is set.
 */
function configurationOf(
  source: SourceDefinition,
  omit: readonly string[],
  secret: readonly string[],
): JsonSchema {
  const settings = source.settings.toJSONSchema({ target: 'draft-7', io: 'input' }).properties ?? {};
  const shown = Object.entries(settings as Record<string, JsonSchema>).filter(
    ([name]) => !omit.includes(name),
  );
  const own: Record<string, JsonSchema> = {
    secret: {
      type: 'string',
      description: `Signing secret of ${source.title}. Required only without Sluice's queue.`,
      'x-secret': true,
    },
    previousSecret: {
      type: 'string',
      description: 'Previous signing secret, also accepted during a rotation',
      'x-secret': true,
    },
    events: {
      type: 'object',
      description: 'Events to send, if different from the defaults',
      properties: Object.fromEntries(source.events.map((event) => [event.name, eventSwitch(event)])),
    },
  };
  const conflict = shown.find(([name]) => Object.hasOwn(own, name));
  if (conflict) throw new RangeError(`${source.name}: the setting name ${conflict[0]} is reserved.`);
  const described = shown.map(([name, setting]) => [
    name,
    { ...setting, ...(secret.includes(name) ? { 'x-secret': true } : {}) },
  ]);
  return { type: 'object', properties: { ...own, ...Object.fromEntries(described) } };
}

function eventSwitch({ title, optIn }: EventDefinition): JsonSchema {
  return { type: 'boolean', title, description: `${title} (${optIn ? 'off' : 'on'} by default)` };
}

/** The shared code lies outside of the folder and must not load another copy of Botpress' packages. */
function renderCode(name: string): string {
  return `import { Client } from '@botpress/client';
import { Integration, isApiError, RuntimeError } from '@botpress/sdk';
import { implementSluiceIntegration } from '../../src/implement-sluice-integration.ts';
import { builtIn } from '../../src/sluice-events.ts';

export default implementSluiceIntegration(builtIn('${name}'), {
  Client,
  Integration,
  isApiError,
  RuntimeError,
});
`;
}

function renderUsage({ title }: SourceDefinition): string {
  return `## Configuration

With Sluice's queue, leave the configuration empty and send ${title}'s webhooks to Sluice. Without a secret the
integration itself responds to every webhook with 401.

Without a queue, set the secret and send ${title}'s webhooks to the webhook URL of the installed integration.
Sluice's documentation lists what is missing then: deduplication, pacing and dead letters.
`;
}
