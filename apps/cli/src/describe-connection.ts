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
export function describeConnection({ id, source, events, secrets, botpress }: Connection): ConnectionRow {
  return {
    id,
    source: source.name,
    bot: botpress.botId,
    integration: botpress.integrationId ?? botpress.integrationAlias ?? null,
    secrets: secrets.length,
    events: [...new Set([...events.values()].map((event) => event.name))],
  };
}
