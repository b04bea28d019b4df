import { createSourceRegistry, type SourceDefinition } from '@sluice/events';
import {
  connectionSchema,
  fileSchema,
  type JsonSchema,
  toJsonSchema,
} from '../connections/connection-schema.ts';

const INTRODUCTION = `# Connections file

<!-- Generated from the schemas in libs/config and libs/events. Run: npm run docs -w libs/config -->

The connections file is YAML or JSON at the path in \`SLUICE_CONNECTIONS\`. Copy
[config/connections.example.yaml](../../config/connections.example.yaml). The JSON Schema
[config/connections.schema.json](../../config/connections.schema.json) completes and checks it in an editor.

\`npm run sluice -- connections check\` reports every problem as \`file:line:column: path problem. Remedy.\`

| Topic | Behavior |
|---|---|
| Environment variables | \`\${NAME}\` is replaced in every text, \`\${NAME:-default}\` if the variable may be unset or empty. \`$\${\` is a literal \`\${\`. The value never becomes YAML syntax, and the result is always text. A default with a comma, a bracket or \`: \` requires quotes. |
| Flow lists | Sluice reads \`[\${A}, \${B:-}]\` without quotes. Editors and other YAML parsers require quotes or one item per line. |
| Shared values | Anchors and \`<<: *merge\` work, for thousands of connections with common values. |
| Shared bots | \`limits.eventsPerMinute\` belongs to the bot: connections of one \`botId\` without it use the value of one that sets it, and two different values are a problem. \`limits.share\` belongs to the connection. |
| Modules | \`modules\` adds sources and events; see [Add a source](../how-to/add-a-source.md). They are imported at startup. A changed list is rejected until a restart, and a changed module takes effect after a restart. |
| Reload | A changed file is loaded once it is stable for a second. Renames and the link swaps of Kubernetes are detected. An invalid file is logged as \`connections.reload_failed\` and the previous connections stay in use. |
| Size | 5,000 connections load in about 0.8 s, during which the process does nothing else. |`;

/** Renders docs/reference/connections-file.md. */
export function renderConnectionsReference(): string {
  const file = toJsonSchema(fileSchema);
  const connection = toJsonSchema(connectionSchema);
  const sections = [
    section('File', '', rowsOf(file)),
    section(
      'Connection',
      'An item of `connections`. Its webhooks arrive at `POST /webhooks/<id>`.',
      rowsOf(connection),
    ),
    ...[...createSourceRegistry().values()].map(sourceSection),
  ];
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}

function sourceSection(source: SourceDefinition): string {
  const rows = rowsOf(toJsonSchema(source.settings));
  const title = `Settings of ${source.name}`;
  return rows.length > 0 ? section(title, '', rows) : `## ${title}\n\nNone.`;
}

function section(title: string, text: string, rows: readonly string[]): string {
  const intro = text === '' ? [] : [text, ''];
  return [
    `## ${title}`,
    '',
    ...intro,
    '| Key | Type | Default | Description |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/**
 * Returns a row for each key of a mapping, nested keys after their parent.
 *
 * @param note added to the keys, to distinguish the alternatives of a union
 */
function rowsOf(schema: JsonSchema, prefix = '', note = ''): string[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) =>
    typeof property === 'object' ? rowsOfKey(`${prefix}${key}`, property, required.has(key), note) : [],
  );
}

function rowsOfKey(path: string, schema: JsonSchema, isRequired: boolean, note: string): string[] {
  const { additionalProperties, items, description = '' } = schema;
  const cells = [
    `\`${path}\`${note}`,
    typeOf(schema),
    defaultOf(schema, isRequired),
    description.replaceAll('|', '\\|').replaceAll('<', '&lt;'),
  ];
  return [
    `| ${cells.join(' | ')} |`,
    ...rowsOf(schema, `${path}.`, note),
    ...alternativesOf(schema).flatMap((one) => rowsOf(one, `${path}.`, discriminatorOf(one))),
    ...(typeof additionalProperties === 'object'
      ? rowsOf(additionalProperties, `${path}.<name>.`, note)
      : []),
    ...(typeof items === 'object' && !Array.isArray(items) ? rowsOf(items, `${path}[].`, note) : []),
  ];
}

/** Returns the constant value that identifies an alternative of a union. */
function discriminatorOf({ properties = {} }: JsonSchema): string {
  const constants = Object.values(properties).flatMap((property) =>
    typeof property === 'object' && property.const !== undefined ? [String(property.const)] : [],
  );
  return constants.length > 0 ? ` (${constants.join(', ')})` : '';
}

function alternativesOf({ oneOf = [], anyOf = [] }: JsonSchema): JsonSchema[] {
  return [...oneOf, ...anyOf].filter((one): one is JsonSchema => typeof one === 'object');
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: '`true` or `false`',
  integer: 'whole number',
  number: 'number',
  array: 'list',
  object: 'mapping',
  null: '`null`',
};

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(', ');
  if (typeof schema.type !== 'string') return [...new Set(alternativesOf(schema).map(typeOf))].join(' or ');
  return `${TYPE_NAMES[schema.type] ?? schema.type}${rangeOf(schema)}${contentOf(schema)}`;
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  return minimum === undefined || maximum === undefined ? '' : ` from ${minimum} to ${maximum}`;
}

/** Returns the type of the items of a list or the values of a mapping. */
function contentOf({ items, additionalProperties }: JsonSchema): string {
  const content = [items, additionalProperties].find((one) => typeof one === 'object' && !Array.isArray(one));
  const type = content === undefined ? '' : typeOf(content as JsonSchema);
  return type === '' ? '' : ` of ${type}`;
}

function defaultOf({ default: fallback }: JsonSchema, isRequired: boolean): string {
  if (isRequired) return '*required*';
  if (fallback === undefined || (typeof fallback === 'object' && Object.keys(fallback ?? {}).length === 0))
    return '';
  return code(fallback);
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value || '""' : JSON.stringify(value)}\``;
}
