import {
  chooseEvents,
  createSourceRegistry,
  type LinkRule,
  type SourceDefinition,
  type SourceRegistry,
  usesLinkDefaults,
} from '@sluice/events';
import { z } from 'zod';
import type { Secret } from '../secret.ts';
import type { Connection } from './connection.ts';
import { connectionSchema } from './connection-schema.ts';
import { explainIssue, type Finding } from './explain-issue.ts';
import { suggest } from './suggest.ts';

export interface CheckedConnection {
  /** Set if there are no findings. */
  readonly connection?: Connection;
  /** With paths relative to the connection. */
  readonly findings: readonly Finding[];
}

/**
 * Checks a connection of the file with the connection schema and the settings schema of its source.
 *
 * @param input with references resolved
 * @param writtenSource `source` with its references, which messages may quote
 */
export function checkConnection(
  input: unknown,
  writtenSource: string,
  registry: SourceRegistry,
): CheckedConnection {
  const parsed = connectionSchema.safeParse(input);
  const findings = explain(connectionSchema, parsed.error, input);
  const { source: name, settings: given } = pick(input);
  if (typeof name !== 'string' || name === '') return { findings };

  const source = registry.get(name);
  if (!source) return { findings: [...findings, unknownSource(writtenSource, registry)] };

  const settings = checkSettings(source, given ?? {});
  const all = [...findings, ...settings.findings];
  if (all.length > 0 || !parsed.success) return { findings: all };
  const { onInvalid, id, secrets, topics, unless, fullBody, limits, retry, forward } = parsed.data;
  const link = parsed.data.link === true ? {} : parsed.data.link;
  const choice = chooseEvents(source, settings.value, topics);
  if (!choice.ok)
    return { findings: choice.unknownTopics.map((topic) => unknownTopic(topic, choice.knownTopics)) };
  const linkFindings = link ? checkLink(link, source, parsed.data.botpress) : [];
  if (linkFindings.length > 0) return { findings: linkFindings };
  const { integrationId, integrationAlias, workspaceId, apiUrl, ...required } = parsed.data.botpress;
  const botpress = {
    ...required,
    ...(integrationId === undefined ? {} : { integrationId }),
    ...(integrationAlias === undefined ? {} : { integrationAlias }),
    ...(workspaceId === undefined ? {} : { workspaceId }),
    ...(apiUrl === undefined ? {} : { apiUrl }),
  };
  return {
    connection: {
      id,
      source,
      secrets,
      settings: settings.value,
      events: choice.events,
      ...(unless?.length ? { unless } : {}),
      fullBody,
      botpress,
      ...(link ? { link } : {}),
      limits,
      retry,
      onInvalid,
      ...(forward ? { forward: { ...forward, secret: forward.secret ?? (secrets[0] as Secret) } } : {}),
    },
    findings: [],
  };
}

function checkSettings(source: SourceDefinition, input: unknown): { value: unknown; findings: Finding[] } {
  // The connection schema has reported it if it is not a mapping.
  if (!z.record(z.string(), z.unknown()).safeParse(input).success) return { value: undefined, findings: [] };
  const { data, error } = source.settings.safeParse(input);
  const findings = explain(source.settings, error, input);
  const origin = findings.length > 0 && !isBuiltIn(source) ? ({ foreign: true } as const) : {};
  return {
    value: data,
    findings: findings.map((finding) => ({ ...finding, ...origin, path: ['settings', ...finding.path] })),
  };
}

/** Whether the settings schema is ours. A user's module may have added events to the source. */
function isBuiltIn({ name, settings }: SourceDefinition): boolean {
  return createSourceRegistry().get(name)?.settings === settings;
}

/** Keeps the first finding of each place: an empty text needs no second one about its pattern. */
function explain(schema: z.ZodType, error: z.ZodError | undefined, input: unknown): Finding[] {
  const seen = new Set<string>();
  return (error?.issues ?? [])
    .flatMap((issue) => explainIssue(schema, issue, input))
    .filter(({ path, key }) => {
      const place = JSON.stringify([path.map(String), key]);
      return !seen.has(place) && seen.add(place);
    });
}

/** Conversations belong to an integration, and the tags come from the setting or from the source. */
function checkLink(
  link: LinkRule & { readonly token?: unknown },
  source: SourceDefinition,
  {
    integrationId,
    integrationAlias,
  }: { readonly integrationId?: unknown; readonly integrationAlias?: unknown },
): Finding[] {
  const path = ['link'];
  if (usesLinkDefaults(link) && !source.link) {
    const hint = 'Name channel and the tags of conversation or user; see docs/how-to/link-events.md';
    return [{ path, message: `has no defaults for the source ${source.name}`, hint }];
  }
  if (link.conversation && link.channel === undefined && !source.link) {
    return [
      { path: [...path, 'channel'], message: 'is missing', hint: 'Name the channel of the conversations' },
    ];
  }
  if (link.integration === undefined && integrationId === undefined && integrationAlias === undefined) {
    const hint =
      'Set botpress.integrationId, or name the integration that owns the conversations in link.integration';
    return [{ path, message: 'requires an integration, which owns the conversations', hint }];
  }
  if (link.token !== undefined && link.integration === undefined) {
    const hint = 'Remove it: without link.integration the calls use botpress.token';
    return [{ path: [...path, 'token'], message: 'is unused', hint }];
  }
  return [];
}

function unknownSource(written: string, registry: SourceRegistry): Finding {
  return {
    path: ['source'],
    message: `is the unknown source "${written}"`,
    hint: suggest(written, [...registry.keys()]),
  };
}

function unknownTopic(topic: string, known: readonly string[]): Finding {
  return { path: ['topics', topic], message: 'is a topic without an event', hint: suggest(topic, known) };
}

function pick(input: unknown): { source?: unknown; settings?: unknown } {
  return typeof input === 'object' && input !== null ? input : {};
}
