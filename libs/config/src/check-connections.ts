import type { SourceRegistry } from '@sluice/events';
import { checkConnection } from './check-connection.ts';
import { type Connection, type Connections, createConnections } from './connection.ts';
import { fileSchema } from './connection-schema.ts';
import { type Explanation, explainIssue } from './explain-issue.ts';

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
  const list: Connection[] = [];
  const items = listOf(value);
  const writtenItems = listOf(written);
  for (const [index, item] of items.entries()) {
    const checked = checkConnection(item, textOf(writtenItems[index], 'source'), registry);
    if (checked.connection) list.push(checked.connection);
    for (const finding of checked.findings) {
      findings.push({ ...finding, path: ['connections', index, ...finding.path] });
    }
  }
  findings.push(...findDuplicates(items, writtenItems));
  return findings.length > 0 ? { ok: false, findings } : { ok: true, connections: createConnections(list) };
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

function listOf(file: unknown): readonly unknown[] {
  const list = typeof file === 'object' && file !== null && 'connections' in file ? file.connections : [];
  return Array.isArray(list) ? list : [];
}

function textOf(item: unknown, key: string): string {
  if (typeof item !== 'object' || item === null) return '';
  const text = (item as Record<string, unknown>)[key];
  return typeof text === 'string' ? text : '';
}
