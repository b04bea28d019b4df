import type { Connection } from './connection.ts';
import type { Explanation } from './explain-issue.ts';

type Checked = Connection | undefined;

export interface AgreedLimits {
  /** The same connections in the same places, those of one bot with one limit. */
  readonly connections: readonly Checked[];
  /** Where two connections of one bot name different limits; paths are of the file. */
  readonly findings: readonly Explanation[];
}

/**
 * Gives connections that share a bot one `eventsPerMinute`, for the limit is the bot's: the one that any of
 * them names. Two different ones are a mistake. To let the least win would pace a whole bot by a number
 * that nobody finds who reads the other connection.
 *
 * @param items the connections as the file has them, references resolved: they tell a limit that is named
 * from the default
 */
export function agreeOnLimits(connections: readonly Checked[], items: readonly unknown[]): AgreedLimits {
  const named = new Map<string, { readonly limit: number; readonly index: number }>();
  const findings: Explanation[] = [];
  for (const [index, connection] of connections.entries()) {
    if (!connection || !namesLimit(items[index])) continue;
    const { botId } = connection.botpress;
    const { eventsPerMinute: limit } = connection.limits;
    const earlier = named.get(botId);
    if (earlier === undefined) named.set(botId, { limit, index });
    else if (earlier.limit !== limit) {
      findings.push({
        path: ['connections', index, 'limits', 'eventsPerMinute'],
        // The bot itself is not quoted: a variable may have had a part in it.
        message: `is ${limit}, but connections[${earlier.index}] gives the same bot ${earlier.limit}`,
        hint: "the limit is the bot's: name the same one, or name it in one connection only",
      });
    }
  }
  const agreed = connections.map((connection) => {
    const limit = connection && named.get(connection.botpress.botId)?.limit;
    return limit === undefined || !connection ? connection : withLimit(connection, limit);
  });
  return { connections: agreed, findings };
}

function namesLimit(item: unknown): boolean {
  const limits = (item as { limits?: { eventsPerMinute?: unknown } } | undefined)?.limits;
  return limits?.eventsPerMinute !== undefined;
}

function withLimit(connection: Connection, eventsPerMinute: number): Connection {
  return { ...connection, limits: { ...connection.limits, eventsPerMinute } };
}
