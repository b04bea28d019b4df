import type { ChosenEvents, SourceDefinition, UnverifiedWebhook } from '@sluice/events';
import type { Secret } from './secret.ts';

/** One configured account of a source, tied to one Botpress bot. */
export interface Connection {
  readonly id: string;
  readonly source: SourceDefinition;
  /** Any of them verifies; never empty. */
  readonly secrets: readonly Secret[];
  /** As the source's settings schema returned them. */
  readonly settings: unknown;
  /** What its topics become; a topic that is not among them is ignored. */
  readonly events: ChosenEvents;
  readonly botpress: BotpressTarget;
  readonly limits: {
    /** Of the bot, shared by all connections that send to it: all of them have the same. */
    readonly eventsPerMinute: number;
    /** Weight against other connections of the same bot. */
    readonly share: number;
  };
  readonly retry: {
    /** How long a delivery is tried, in milliseconds. */
    readonly for: number;
    /** Whether an attempt whose answer was lost is looked up at Botpress before it is sent again. */
    readonly reconcile: boolean;
  };
  /** What becomes of an authentic webhook whose input does not fit: kept as a dead letter, or answered with 422. */
  readonly onInvalid: 'quarantine' | 'reject';
}

export interface BotpressTarget {
  readonly botId: string;
  readonly integrationId?: string;
  readonly integrationAlias?: string;
  readonly token: Secret;
  /** Without it, BOTPRESS_API_URL; no slash at its end. */
  readonly apiUrl?: string;
}

/** The connections of a file, by id. */
export interface Connections {
  get(id: string): Connection | undefined;
  /** Finds by the address of a webhook: an id, or the name of a source whose one address serves many accounts. */
  find(address: string, webhook: UnverifiedWebhook): Connection | undefined;
  /** In the order of the file. */
  all(): readonly Connection[];
  readonly size: number;
}

/** Makes a lookup that routes as fast among thousands as among ten. */
export function createConnections(list: readonly Connection[]): Connections {
  const byId = new Map(list.map((connection) => [connection.id, connection]));
  const byAccount = new Map(list.flatMap(accountOf));
  const shared = new Map(list.map(({ source }) => [source.name, source.account]));
  const all = Object.freeze([...byId.values()]);
  return {
    get: (id) => byId.get(id),
    find: (address, webhook) => {
      const account = shared.get(address)?.ofWebhook(webhook);
      return (
        byId.get(address) ?? (account === undefined ? undefined : byAccount.get(accountKey(address, account)))
      );
    },
    all: () => all,
    size: byId.size,
  };
}

function accountOf(connection: Connection): [string, Connection][] {
  const { source, settings } = connection;
  const account = source.account?.ofSettings(settings);
  return account === undefined ? [] : [[accountKey(source.name, account), connection]];
}

const accountKey = (source: string, account: string) => JSON.stringify([source, account]);
