import type { Connection } from './connection.ts';
import type { Finding } from './explain-issue.ts';

/** Connections by their place in the file; undefined where a connection has problems. */
type Listed = readonly (Connection | undefined)[];

export interface Shared {
  readonly connections: Listed;
  readonly findings: readonly Finding[];
}

/**
 * Gives the connections of a bot the same `eventsPerMinute` and the same `workspaceId`: that of the connection that sets
 * one. Two different values are a problem: one of them would apply to the whole bot and be invisible in the other
 * connections.
 *
 * @param items the connections of the file, to distinguish a limit from the default
 */
export function shareByBot(connections: Listed, items: readonly unknown[]): Shared {
  const limits = share(connections, {
    path: ['limits', 'eventsPerMinute'],
    read: ({ limits: { eventsPerMinute } }, index) => (setsLimit(items[index]) ? eventsPerMinute : undefined),
    write: (connection, eventsPerMinute) => ({
      ...connection,
      limits: { ...connection.limits, eventsPerMinute },
    }),
    conflict: (value, index, other) =>
      `is ${value}, but connections[${index}] sets ${other} for the same bot`,
    hint: 'Set the same limit in both, or only in one of them',
  });
  const workspaces = share(limits.connections, {
    path: ['botpress', 'workspaceId'],
    read: ({ botpress }) => botpress.workspaceId,
    write: (connection, workspaceId) => ({
      ...connection,
      botpress: { ...connection.botpress, workspaceId },
    }),
    // Neither bot nor workspace is quoted: both may contain the value of a variable.
    conflict: (_value, index) => `differs from that of connections[${index}], which has the same bot`,
    hint: 'Set the same workspace in both, or only in one of them',
  });
  return {
    connections: workspaces.connections,
    findings: [...limits.findings, ...workspaces.findings, ...findUnknownWorkspaces(workspaces.connections)],
  };
}

/** A value that all connections of a bot share. */
interface SharedValue<Value> {
  readonly path: readonly string[];
  /** Returns the value that the connection sets. */
  readonly read: (connection: Connection, index: number) => Value | undefined;
  readonly write: (connection: Connection, value: Value) => Connection;
  /** Describes two different values. */
  readonly conflict: (value: Value, earlier: number, other: Value) => string;
  readonly hint: string;
}

function share<Value>(connections: Listed, { path, read, write, ...texts }: SharedValue<Value>): Shared {
  const byBot = new Map<string, { readonly value: Value; readonly index: number }>();
  const findings: Finding[] = [];
  for (const [index, connection] of connections.entries()) {
    const value = connection && read(connection, index);
    if (!connection || value === undefined) continue;
    const earlier = byBot.get(connection.botpress.botId);
    if (!earlier) byBot.set(connection.botpress.botId, { value, index });
    else if (earlier.value !== value) {
      findings.push({
        path: ['connections', index, ...path],
        message: texts.conflict(value, earlier.index, earlier.value),
        hint: texts.hint,
      });
    }
  }
  const shared = connections.map((connection) => {
    const known = connection && byBot.get(connection.botpress.botId);
    return known ? write(connection, known.value) : connection;
  });
  return { connections: shared, findings };
}

function setsLimit(item: unknown): boolean {
  const limits = (item as { limits?: { eventsPerMinute?: unknown } } | undefined)?.limits;
  return limits?.eventsPerMinute !== undefined;
}

/** Bots without a workspace would count as one more workspace, with a limit that Botpress does not give it. */
function findUnknownWorkspaces(connections: Listed): Finding[] {
  const known = new Map<string, number>();
  for (const [index, connection] of connections.entries()) {
    const { apiUrl = '', workspaceId } = connection?.botpress ?? {};
    if (workspaceId !== undefined && !known.has(apiUrl)) known.set(apiUrl, index);
  }
  return connections.flatMap((connection, index) => {
    const { apiUrl = '', workspaceId } = connection?.botpress ?? {};
    const other = known.get(apiUrl);
    if (!connection || workspaceId !== undefined || other === undefined) return [];
    return [
      {
        path: ['connections', index, 'botpress'],
        message: `has no workspaceId, but connections[${other}] at the same API URL has one`,
        hint: 'Set workspaceId in all connections of an API URL or in none',
      },
    ];
  });
}
