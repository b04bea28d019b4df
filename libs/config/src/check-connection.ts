import {
  chooseEvents,
  createSourceRegistry,
  type SourceDefinition,
  type SourceRegistry,
} from '@sluice/events';
import { z } from 'zod';
import type { Connection } from './connection.ts';
import { connectionSchema } from './connection-schema.ts';
import { type Explanation, explainIssue } from './explain-issue.ts';
import { nearest } from './nearest.ts';

export interface Checked {
  /** Set when nothing is wrong. */
  readonly connection?: Connection;
  /** Paths are within the connection. */
  readonly findings: readonly Explanation[];
}

/**
 * Checks one connection of the file, by our schema and by its source's settings schema.
 *
 * @param input with references resolved
 * @param writtenSource the `source` as written, which may be quoted
 */
export function checkConnection(input: unknown, writtenSource: string, registry: SourceRegistry): Checked {
  const parsed = connectionSchema.safeParse(input);
  const findings = explain(connectionSchema, parsed.error, input);
  const { source: name, settings: given } = pick(input);
  if (typeof name !== 'string' || name === '') return { findings };

  const source = registry.get(name);
  if (!source) return { findings: [...findings, unknownSource(writtenSource, registry)] };

  const settings = checkSettings(source, given ?? {});
  const all = [...findings, ...settings.findings];
  if (all.length > 0 || !parsed.success) return { findings: all };
  const { onInvalid, id, secrets, topics, limits, retry } = parsed.data;
  const choice = chooseEvents(source, settings.value, topics);
  if (!choice.ok)
    return { findings: choice.unknownTopics.map((topic) => unknownTopic(topic, choice.knownTopics)) };
  const { integrationId, integrationAlias, apiUrl, ...required } = parsed.data.botpress;
  const botpress = {
    ...required,
    ...(integrationId === undefined ? {} : { integrationId }),
    ...(integrationAlias === undefined ? {} : { integrationAlias }),
    ...(apiUrl === undefined ? {} : { apiUrl }),
  };
  return {
    connection: {
      id,
      source,
      secrets,
      settings: settings.value,
      events: choice.events,
      botpress,
      limits,
      retry,
      onInvalid,
    },
    findings: [],
  };
}

function checkSettings(
  source: SourceDefinition,
  input: unknown,
): { value: unknown; findings: Explanation[] } {
  // What is no mapping has been found already.
  if (!z.record(z.string(), z.unknown()).safeParse(input).success) return { value: undefined, findings: [] };
  const { data, error } = source.settings.safeParse(input);
  const findings = explain(source.settings, error, input);
  const words = findings.length > 0 && !isBuiltIn(source) ? ({ foreign: true } as const) : {};
  return {
    value: data,
    findings: findings.map((finding) => ({ ...finding, ...words, path: ['settings', ...finding.path] })),
  };
}

/** Whose settings schema is ours; a module of the user's may have added events. */
function isBuiltIn({ name, settings }: SourceDefinition): boolean {
  return createSourceRegistry().get(name)?.settings === settings;
}

/** The first finding of each place: an empty text needs no second complaint about its pattern. */
function explain(schema: z.ZodType, error: z.ZodError | undefined, input: unknown): Explanation[] {
  const seen = new Set<string>();
  return (error?.issues ?? [])
    .flatMap((issue) => explainIssue(schema, issue, input))
    .filter(({ path, key }) => {
      const place = JSON.stringify([path.map(String), key]);
      return !seen.has(place) && seen.add(place);
    });
}

function unknownSource(written: string, registry: SourceRegistry): Explanation {
  const known = [...registry.keys()];
  const meant = nearest(written, known);
  const message = `unknown source "${written}"`;
  const list = `known: ${known.join(', ')}`;
  return { path: ['source'], message, hint: meant ? `did you mean "${meant}"? ${list}` : list };
}

function unknownTopic(topic: string, known: readonly string[]): Explanation {
  const meant = nearest(topic, known);
  const list = `known: ${known.join(', ')}`;
  return {
    path: ['topics', topic],
    message: 'no event is made of this topic',
    hint: meant ? `did you mean "${meant}"? ${list}` : list,
  };
}

function pick(input: unknown): { source?: unknown; settings?: unknown } {
  return typeof input === 'object' && input !== null ? input : {};
}
