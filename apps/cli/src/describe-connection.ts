import type { Connection } from '@sluice/config';

/** A connection in one row, without what is secret. */
export interface ConnectionRow {
  readonly id: string;
  readonly source: string;
  readonly bot: string;
  /** Id or alias of the integration that sends; null when events are sent as the bot. */
  readonly integration: string | null;
  /** How many, never which. */
  readonly secrets: number;
  readonly events: readonly string[];
}

/** Describes a connection for `connections check`. */
export function describeConnection(connection: Connection): ConnectionRow {
  const { id, source, secrets, botpress } = connection;
  return {
    id,
    source: source.name,
    bot: botpress.botId,
    integration: botpress.integrationId ?? botpress.integrationAlias ?? null,
    secrets: secrets.length,
    events: eventNames(connection),
  };
}

/** Bare names of the events that a connection may send. */
export function eventNames({ events }: Connection): readonly string[] {
  return [...new Set([...events.values()].flatMap((event) => event?.name ?? []))];
}
