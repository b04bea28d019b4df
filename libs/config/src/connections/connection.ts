import type {
  ChosenEvents,
  FullBodySetting,
  SourceDefinition,
  UnlessRule,
  UnverifiedWebhook,
} from '@sluice/events';
import type { Secret } from '../secret.ts';

/** A configured account of a source, assigned to one Botpress bot. */
export interface Connection {
  readonly id: string;
  readonly source: SourceDefinition;
  /** Each of them verifies a webhook; never empty. */
  readonly secrets: readonly Secret[];
  /** Output of the source's settings schema. */
  readonly settings: unknown;
  /** Events of the enabled topics; other topics are ignored. */
  readonly events: ChosenEvents;
  /** Deliveries that match one of these rules are ignored; absent without rules. */
  readonly unless?: readonly UnlessRule[];
  /** Part of the platform's body in the events. Always set by the connections file; default `true`. */
  readonly fullBody?: FullBodySetting;
  readonly botpress: BotpressTarget;
  readonly limits: {
    /** Rate limit of the bot, the same for all its connections. */
    readonly eventsPerMinute: number;
    /** Weight relative to other connections of the bot. */
    readonly share: number;
    /** Most bytes of an event; the full body is left out of larger ones. Always set by the connections file. */
    readonly eventBytes?: number;
  };
  readonly retry: {
    /** Milliseconds during which a delivery is retried. */
    readonly for: number;
    /** Whether an event is looked up before it is sent again after a lost response. */
    readonly reconcile: boolean;
  };
  /** Handling of verified webhooks with invalid input: stored as a dead letter, or answered with 422. */
  readonly onInvalid: 'quarantine' | 'reject';
}

export interface BotpressTarget {
  readonly botId: string;
  readonly integrationId?: string;
  readonly integrationAlias?: string;
  /** Workspace of the bot, the same for all its connections. */
  readonly workspaceId?: string;
  readonly token: Secret;
  /** Without a trailing slash; BOTPRESS_API_URL if undefined. */
  readonly apiUrl?: string;
}

/** The connections of a file. */
export interface Connections {
  get(id: string): Connection | undefined;
  /** Finds the connection of an address: an id, or a source whose accounts share one address. */
  find(address: string, webhook: UnverifiedWebhook): Connection | undefined;
  /** In the order of the file. */
  all(): readonly Connection[];
  readonly size: number;
}

/** Creates an index whose lookups take the same time for ten and for thousands of connections. */
export function createConnections(list: readonly Connection[]): Connections {
  const byId = new Map(list.map((connection) => [connection.id, connection]));
  const byAccount = new Map(list.flatMap(accountEntry));
  const accounts = new Map(list.map(({ source }) => [source.name, source.account]));
  const all = Object.freeze([...byId.values()]);
  return {
    get: (id) => byId.get(id),
    find: (address, webhook) => {
      const account = accounts.get(address)?.ofWebhook(webhook);
      return (
        byId.get(address) ?? (account === undefined ? undefined : byAccount.get(accountKey(address, account)))
      );
    },
    all: () => all,
    size: byId.size,
  };
}

function accountEntry(connection: Connection): [string, Connection][] {
  const { source, settings } = connection;
  const account = source.account?.ofSettings(settings);
  return account === undefined ? [] : [[accountKey(source.name, account), connection]];
}

const accountKey = (source: string, account: string) => JSON.stringify([source, account]);
