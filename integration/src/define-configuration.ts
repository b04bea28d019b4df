import { z } from '@botpress/sdk';
import type { SourceDefinition } from './sluice-events.ts';
import { toZui } from './to-zui.ts';

/** Which of a source's settings are special inside Botpress. */
export interface SettingsInBotpress {
  /** Left out: they mean something only where one address serves many. */
  readonly leaveOut?: readonly string[];
  /** Shown as dots, and kept as a secret. */
  readonly secret?: readonly string[];
}

/**
 * Makes what a bot's owner fills in to install the integration: the secrets, the source's own settings, and
 * which events are wanted. All of it is optional, for with Sluice's queue it stands in the connections file;
 * what a source cannot do without is asked for as soon as there is a secret.
 */
export function defineConfiguration(
  source: SourceDefinition,
  { leaveOut = [], secret = [] }: SettingsInBotpress = {},
): z.ZodObject {
  const settings = toZui(source.settings.toJSONSchema({ target: 'draft-7', io: 'input' }), source.name);
  const shape = Object.entries((settings as z.ZodObject).shape).filter(([name]) => !leaveOut.includes(name));
  const own = {
    secret: text(`What ${source.title} signs its webhooks with, where it sends them here and not to Sluice`)
      .secret()
      .optional(),
    previousSecret: text('During a rotation: the one before, which verifies too').secret().optional(),
    events: z
      .object(Object.fromEntries(source.events.map((event) => [event.name, wish(event)])))
      .optional()
      .describe('Which events are wanted, where not those by default'),
  };
  const taken = shape.find(([name]) => Object.hasOwn(own, name));
  if (taken) throw new RangeError(`${source.name}: a setting must not be called ${taken[0]}`);
  const marked = shape.map(([name, setting]) => {
    const shown = secret.includes(name) ? hide(setting) : setting;
    return [name, shown.isOptional() ? shown : shown.optional()];
  });
  return z.object({ ...own, ...Object.fromEntries(marked) });
}

function wish({ title, optIn }: SourceDefinition['events'][number]): z.ZodTypeAny {
  return z
    .boolean()
    .optional()
    .describe(`${title} (${optIn ? 'off' : 'on'} by default)`);
}

function text(description: string): z.ZodString {
  return z.string().describe(description);
}

function hide(setting: z.ZodTypeAny): z.ZodTypeAny {
  const { description } = setting;
  const inner = setting instanceof z.ZodOptional ? setting.unwrap() : setting;
  if (!(inner instanceof z.ZodString)) throw new TypeError('only texts can be secret');
  const hidden = inner.secret();
  const described = description === undefined ? hidden : hidden.describe(description);
  return setting.isOptional() ? described.optional() : described;
}
