import { IntegrationDefinition, type IntegrationDefinitionProps, z } from '@botpress/sdk';
import type { EventDefinition, SourceDefinition } from './sluice-events.ts';
import { toZui } from './to-zui.ts';

const VERSION = '0.1.0';

/** Settings of a source that differ in an integration. */
export interface SettingsOptions {
  /** Settings to omit, because they only apply to an address that serves several accounts. */
  readonly omit?: readonly string[];
  /** Settings that the dashboard hides and stores as secrets. */
  readonly secret?: readonly string[];
}

/**
 * Defines the Botpress integration of a source: the export of `integration.definition.ts`.
 *
 * Each source has its own integration: all events together exceed Botpress' limit of 20 per integration, and a
 * connection needs only the events of its source.
 */
export function defineSluiceIntegration(
  source: SourceDefinition,
  settings: SettingsOptions = {},
): IntegrationDefinition {
  if (source.events.length === 0) {
    throw new RangeError(`${source.name} has no built-in events: users name them in the connections file.`);
  }
  return new IntegrationDefinition({
    name: `sluice-${source.name}`,
    version: VERSION,
    title: `${source.title} by Sluice`,
    description: `${source.title} events, sent by Sluice or received directly by the integration.`,
    configuration: { schema: defineConfiguration(source, settings) },
    events: defineEvents(source.events),
  });
}

type BotpressEvents = NonNullable<IntegrationDefinitionProps['events']>;

/** Botpress' limit of events per integration. */
const MAX_EVENTS = 20;

/** Converts Sluice's event definitions to Botpress' by bare name. Throws if Botpress would reject them. */
export function defineEvents(events: readonly EventDefinition[]): BotpressEvents {
  if (events.length > MAX_EVENTS) {
    throw new RangeError(`An integration can have at most ${MAX_EVENTS} events.`);
  }
  return Object.fromEntries(
    events.map(({ name, title, description, schema }) => [
      name,
      {
        title,
        description,
        schema: toZui(schema.toJSONSchema({ target: 'draft-7' }), name) as z.ZodObject,
      },
    ]),
  ) satisfies IntegrationDefinitionProps['events'];
}

/**
 * Defines the configuration form of the integration: secrets, the source's settings, and a switch per event. All
 * fields are optional, because with Sluice's queue these values are in the connections file. The handler requires
 * the source's mandatory settings if a secret is set.
 */
function defineConfiguration(
  source: SourceDefinition,
  { omit = [], secret = [] }: SettingsOptions,
): z.ZodObject {
  const settings = toZui(source.settings.toJSONSchema({ target: 'draft-7', io: 'input' }), source.name);
  const shape = Object.entries((settings as z.ZodObject).shape).filter(([name]) => !omit.includes(name));
  const own = {
    secret: z
      .string()
      .describe(`Signing secret of ${source.title}. Required only without Sluice's queue.`)
      .secret()
      .optional(),
    previousSecret: z
      .string()
      .describe('Previous signing secret, also accepted during a rotation')
      .secret()
      .optional(),
    events: z
      .object(Object.fromEntries(source.events.map((event) => [event.name, eventSwitch(event)])))
      .optional()
      .describe('Events to send, if different from the defaults'),
  };
  const conflict = shape.find(([name]) => Object.hasOwn(own, name));
  if (conflict) throw new RangeError(`${source.name}: the setting name ${conflict[0]} is reserved.`);
  const optional = shape.map(([name, setting]) => {
    const field = secret.includes(name) ? asSecret(setting) : setting;
    return [name, field.isOptional() ? field : field.optional()];
  });
  return z.object({ ...own, ...Object.fromEntries(optional) });
}

function eventSwitch({ title, optIn }: EventDefinition): z.ZodTypeAny {
  return z
    .boolean()
    .optional()
    .describe(`${title} (${optIn ? 'off' : 'on'} by default)`);
}

function asSecret(setting: z.ZodTypeAny): z.ZodTypeAny {
  const { description } = setting;
  const inner = setting instanceof z.ZodOptional ? setting.unwrap() : setting;
  if (!(inner instanceof z.ZodString)) throw new TypeError('Only string settings can be secret.');
  const hidden = inner.secret();
  const described = description === undefined ? hidden : hidden.describe(description);
  return setting.isOptional() ? described.optional() : described;
}
