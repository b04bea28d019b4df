import type {
  ChosenEvents,
  FullBodySetting,
  LinkRule,
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
  /** Where the conversation, user and message of events are found; absent if events are not linked. */
  readonly link?: LinkRule & {
    /** Token for calls as the bot; that of `botpress` if absent. */
    readonly token?: Secret | undefined;
  };
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
  /** Where its verified webhooks are forwarded to; absent if they are not. */
  readonly forward?: ForwardTarget;
  /** Set for the connection of the forwards of another one, which receives no webhooks. */
  readonly isForward?: true;
}

/** Another receiver of the verified webhooks of a connection. */
export interface ForwardTarget {
  /** A secret: its path is often the only credential of the receiver. */
  readonly url: Secret;
  /** The secret that the receiver expects in a header, in place of the platform's. */
  readonly secret: Secret;
  /** Whether http:// and local or private addresses are permitted. */
  readonly allowPrivate: boolean;
  readonly perMinute: number;
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
  /** Also finds the connections of forwards. */
  get(id: string): Connection | undefined;
  /** Finds the connection of an address: an id, or a source whose accounts share one address. */
  find(address: string, webhook: UnverifiedWebhook): Connection | undefined;
  /** In the order of the file. */
  all(): readonly Connection[];
  /** The same, each followed by the connection of its forwards. */
  withForwards(): readonly Connection[];
  readonly size: number;
}

/** Creates an index whose lookups take the same time for ten and for thousands of connections. */
export function createConnections(list: readonly Connection[]): Connections {
  const byId = new Map(list.map((connection) => [connection.id, connection]));
  const byAccount = new Map(list.flatMap(accountEntry));
  const accounts = new Map(list.map(({ source }) => [source.name, source.account]));
  const all = Object.freeze([...byId.values()]);
  const withForwards = Object.freeze(all.flatMap((one) => (one.forward ? [one, forwardsOf(one)] : [one])));
  const forwards = new Map(withForwards.flatMap((one) => (one.isForward ? [[one.id, one]] : [])));
  return {
    get: (id) => byId.get(id) ?? forwards.get(id),
    find: (address, webhook) => {
      const account = accounts.get(address)?.ofWebhook(webhook);
      return (
        byId.get(address) ?? (account === undefined ? undefined : byAccount.get(accountKey(address, account)))
      );
    },
    all: () => all,
    withForwards: () => withForwards,
    size: byId.size,
  };
}

function accountEntry(connection: Connection): [string, Connection][] {
  const { source, settings } = connection;
  const account = source.account?.ofSettings(settings);
  return account === undefined ? [] : [[accountKey(source.name, account), connection]];
}

const accountKey = (source: string, account: string) => JSON.stringify([source, account]);

/** Returns the id of the connection of the forwards of a connection. No id in the file contains a colon. */
export const forwardId = (id: string): string => `${id}:forward`;

const NO_EVENTS: Connection['events'] = new Map();

/**
 * Derives the connection of the forwards of a connection. It has its own queue, limit, circuit and ledger row; it stays
 * in the shard of the bot, where both are enqueued in one write.
 */
function forwardsOf(connection: Connection): Connection {
  const { id, forward, limits, retry } = connection;
  return {
    ...connection,
    id: forwardId(id),
    isForward: true,
    events: NO_EVENTS,
    limits: { eventsPerMinute: forward?.perMinute ?? limits.eventsPerMinute, share: 1 },
    // The receiver deduplicates, as it does for webhooks of the platform.
    retry: { ...retry, reconcile: false },
  };
}
