import type { EventDefinition, SourceLink, TagDescription } from '@sluice/events';
import { type JsonSchema, keyOf, renderZui } from './render-zui.ts';

/** Botpress' limit of events per integration. */
export const MAX_EVENTS = 20;

/**
 * The packages of Botpress that a deployed folder names. `bp` is built with exactly this SDK and client, and
 * warns if a folder names an SDK of another minor version.
 */
const BOTPRESS_PACKAGES = { cli: '7.1.2', sdk: '7.2.2', client: '2.3.0' } as const;

/** What an integration declares for links. */
export type LinkDeclaration = Pick<SourceLink, 'channel' | 'conversation' | 'user'>;

const CUSTOMER_TAGS = {
  id: { title: 'ID', description: 'Id of the customer on the platform' },
  email: { title: 'Email', description: 'Email address of the customer, in lower case' },
  phone: { title: 'Phone', description: 'Phone number of the customer, like +16135550123' },
};

/** The declaration of integrations whose source has no conversations: one conversation per customer. */
export const CUSTOMER_LINK: LinkDeclaration = {
  channel: { name: 'customer', title: 'Customer', description: 'Events about one customer' },
  conversation: CUSTOMER_TAGS,
  user: CUSTOMER_TAGS,
};

/** A Botpress integration that defines events of Sluice. */
export interface IntegrationSpec {
  /** The name at Botpress: lower-case letters, digits and dashes. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** A category of Botpress' hub. */
  readonly category: string;
  readonly events: readonly EventDefinition[];
  /** Channel and tags of the conversations and users that Sluice links events to. */
  readonly link: LinkDeclaration;
  /** JSON Schema of the configuration form. Without it, the integration has no configuration. */
  readonly configuration?: JsonSchema;
  /** Source of `src/index.ts`. Without it, the integration receives no webhooks itself. */
  readonly code?: string;
  /** Markdown for `hub.md`, below the description. */
  readonly usage: string;
  /** Comment at the top of the definition: how to make it again. */
  readonly origin: string;
}

/**
 * Returns the files of a folder that `bp deploy` accepts, by path.
 *
 * @throws RangeError if Botpress would reject the integration: no event, more than `MAX_EVENTS`, or a name like
 *   `orderABC`
 * @throws TypeError if an event's schema cannot be expressed with Botpress' SDK
 */
export function integrationFiles(spec: IntegrationSpec): ReadonlyMap<string, string> {
  const { name, events } = spec;
  if (events.length === 0 || events.length > MAX_EVENTS) {
    throw new RangeError(`${name}: an integration has 1 to ${MAX_EVENTS} events, not ${events.length}.`);
  }
  for (const event of events) {
    const accepted = toCamelCase(event.name);
    if (event.name === accepted) continue;
    throw new RangeError(`${name}: bp rejects the event name ${event.name}. Rename it to ${accepted}.`);
  }
  return new Map([
    ['package.json', renderPackage(spec)],
    ['integration.definition.ts', renderDefinition(spec)],
    ['src/index.ts', spec.code ?? EVENTS_ONLY],
    ['hub.md', renderReadme(spec)],
    ['icon.svg', ICON],
  ]);
}

/** Returns a name as `bp` would write it: it splits names before capitals that follow a lower-case letter. */
function toCamelCase(name: string): string {
  const [first = '', ...others] = name.split(/(?<=[a-z])(?=[A-Z])/).map((word) => word.toLowerCase());
  return [first, ...others.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
}

function renderPackage({ name, description }: IntegrationSpec): string {
  const { cli, sdk, client } = BOTPRESS_PACKAGES;
  const content = {
    name,
    description,
    private: true,
    type: 'module',
    scripts: { build: 'bp build', lint: 'bp lint', deploy: 'bp deploy' },
    dependencies: { '@botpress/client': client, '@botpress/sdk': sdk },
    devDependencies: { '@botpress/cli': cli },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function renderDefinition(spec: IntegrationSpec): string {
  const { name, title, description, category, configuration, events, link, origin } = spec;
  const text = (value: string) => JSON.stringify(value);
  const form = configuration
    ? `  configuration: {\n    schema: ${renderZui(configuration, 'configuration', '    ')},\n  },\n`
    : '';
  return `// ${origin}
import { IntegrationDefinition, z } from '@botpress/sdk';

export default new IntegrationDefinition({
  name: ${text(name)},
  version: '0.1.0',
  title: ${text(title)},
  description: ${text(description)},
  icon: 'icon.svg',
  readme: 'hub.md',
  attributes: { category: ${text(category)} },
${form}  events: {
${events.map(renderEvent).join('')}  },
${renderLink(link)}});
`;
}

/** The channel has no messages: Sluice receives events and sends nothing. */
function renderLink({ channel: { name, title, description }, conversation, user }: LinkDeclaration): string {
  return `  channels: {
    ${keyOf(name)}: {
      title: ${JSON.stringify(title)},
      description: ${JSON.stringify(description)},
      messages: {},
      conversation: {
        tags: {
${renderTags(conversation, '          ')}        },
      },
    },
  },
  user: {
    tags: {
${renderTags(user, '      ')}    },
  },
`;
}

function renderTags(tags: Readonly<Record<string, TagDescription>>, indent: string): string {
  return Object.entries(tags)
    .map(
      ([tag, { title, description }]) =>
        `${indent}${keyOf(tag)}: { title: ${JSON.stringify(title)}, description: ${JSON.stringify(description)} },\n`,
    )
    .join('');
}

function renderEvent({ name, title, description, schema }: EventDefinition): string {
  return `    ${keyOf(name)}: {
      title: ${JSON.stringify(title)},
      description: ${JSON.stringify(description)},
      schema: ${renderZui(schema.toJSONSchema({ target: 'draft-7' }), name, '      ')},
    },
`;
}

/** `usage` of an integration without `code`. */
export const EVENTS_ONLY_USAGE = `## Configuration

None. Sluice receives the webhooks and creates the events; put the id of this integration into the connections
that use it. The integration itself receives no webhooks.
`;

const EVENTS_ONLY = `import { Integration } from '@botpress/sdk';

/** Sluice creates the events through Botpress' API. The integration itself receives no webhooks. */
export default new Integration({
  register: async () => {},
  unregister: async () => {},
  handler: async () => ({ status: 404, body: 'This integration receives no webhooks. Send them to Sluice.' }),
  actions: {},
  channels: {},
});
`;

function renderReadme({ name, title, description, events, usage }: IntegrationSpec): string {
  const rows = events.map(
    (event) => `| \`${event.name}\` | ${cell(event.title)} | ${cell(event.description)} |`,
  );
  return `# ${title}

${description}

## Events

| Event | Title | When |
|---|---|---|
${rows.join('\n')}

In Studio, the events are triggers of the installed integration. In ADK and SDK bots their names begin with the
name of the installed integration, or the alias that was chosen at its installation: \`${name}:${events[0]?.name}\`.

${usage.trim()}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** Sluice's icon: a gate between two channels of water. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="Sluice">
  <rect width="64" height="64" rx="12" fill="#0f4c75"/>
  <path d="M8 26q6-6 12 0t12 0M8 38q6-6 12 0t12 0" fill="none" stroke="#bbe1fa" stroke-width="4" stroke-linecap="round"/>
  <rect x="34" y="10" width="6" height="44" rx="2" fill="#fff"/>
  <path d="M44 44q5-5 10 0" fill="none" stroke="#bbe1fa" stroke-width="4" stroke-linecap="round"/>
</svg>
`;
