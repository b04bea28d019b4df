import type { SourceRegistry } from '@sluice/events';
import { checkConnection } from './check-connection.ts';
import { type Connection, type Connections, createConnections } from './connection.ts';
import { fileSchema } from './connection-schema.ts';
import { type Explanation, explainIssue } from './explain-issue.ts';
import { agreeOnLimits } from './limits-of-bots.ts';
import { findUnloaded } from './modules/loaded-modules.ts';

export type CheckedFile =
  | { readonly ok: true; readonly connections: Connections }
  | { readonly ok: false; readonly findings: readonly Explanation[] };

/**
 * Checks the content of a connections file.
 *
 * @param value with references resolved
 * @param written the same with references as written, which is what messages may quote
 */
export function checkConnections(value: unknown, written: unknown, registry: SourceRegistry): CheckedFile {
  const file = fileSchema.safeParse(value);
  const findings = (file.error?.issues ?? []).flatMap((issue) => explainIssue(fileSchema, issue, value));
  findings.push(...findUnloaded(value, registry));
  const checkedItems: (Connection | undefined)[] = [];
  const items = listOf(value);
  const writtenItems = listOf(written);
  for (const [index, item] of items.entries()) {
    const checked = checkConnection(item, textOf(writtenItems[index], 'source'), registry);
    checkedItems.push(checked.connection);
    for (const finding of checked.findings) {
      findings.push({ ...finding, path: ['connections', index, ...finding.path] });
    }
  }
  const agreed = agreeOnLimits(checkedItems, items);
  findings.push(
    ...findDuplicates(items, writtenItems),
    ...findSharedAccounts(checkedItems),
    ...agreed.findings,
  );
  if (findings.length > 0) return { ok: false, findings };
  const list = agreed.connections.filter((connection) => connection !== undefined);
  return { ok: true, connections: createConnections(list) };
}

function findDuplicates(items: readonly unknown[], written: readonly unknown[]): Explanation[] {
  const first = new Map<string, number>();
  const findings: Explanation[] = [];
  for (const [index, item] of items.entries()) {
    const id = textOf(item, 'id');
    const earlier = first.get(id);
    if (id === '') continue;
    if (earlier === undefined) first.set(id, index);
    else {
      const message = `the id "${textOf(written[index], 'id')}" is taken by connections[${earlier}]`;
      findings.push({ path: ['connections', index, 'id'], message, hint: 'give each connection its own id' });
    }
  }
  return findings;
}

/** One address serves all accounts of a source, so of one account it can serve only one connection. */
function findSharedAccounts(connections: readonly (Connection | undefined)[]): Explanation[] {
  const first = new Map<string, number>();
  const findings: Explanation[] = [];
  for (const [index, connection] of connections.entries()) {
    const account = connection?.source.account?.ofSettings(connection.settings);
    if (!connection || account === undefined) continue;
    const key = JSON.stringify([connection.source.name, account]);
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, index);
    else {
      const address = `/webhooks/${connection.source.name}`;
      // The account itself is not quoted: a variable may have had a part in it.
      const message = `connections[${earlier}] takes the same account's webhooks at ${address}`;
      const hint = `leave the account out of one of them; its own address is /webhooks/<its id>`;
      findings.push({ path: ['connections', index, 'settings'], message, hint });
    }
  }
  return findings;
}

/** The connections of a file, whatever they are. */
export function listOf(file: unknown): readonly unknown[] {
  const list = typeof file === 'object' && file !== null && 'connections' in file ? file.connections : [];
  return Array.isArray(list) ? list : [];
}

function textOf(item: unknown, key: string): string {
  if (typeof item !== 'object' || item === null) return '';
  const text = (item as Record<string, unknown>)[key];
  return typeof text === 'string' ? text : '';
}
