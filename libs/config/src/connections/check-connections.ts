import type { SourceRegistry } from '@sluice/events';
import { parseUrl } from '../url-checks.ts';
import { checkConnection } from './check-connection.ts';
import { type Connection, type Connections, createConnections } from './connection.ts';
import { fileSchema } from './connection-schema.ts';
import { explainIssue, type Finding } from './explain-issue.ts';
import { shareByBot } from './share-by-bot.ts';

export type CheckedFile =
  | { readonly ok: true; readonly connections: Connections }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/**
 * Checks the content of a connections file.
 *
 * @param value with references resolved
 * @param written with its references, which messages may quote
 * @param publicUrl URL of ingest, if this process knows it
 */
export function checkConnections(
  value: unknown,
  written: unknown,
  registry: SourceRegistry,
  publicUrl?: string,
): CheckedFile {
  const file = fileSchema.safeParse(value);
  const findings = (file.error?.issues ?? []).flatMap((issue) => explainIssue(fileSchema, issue, value));
  findings.push(...findUnloadedModules(value, registry));
  const checkedItems: (Connection | undefined)[] = [];
  const items = connectionsIn(value);
  const writtenItems = connectionsIn(written);
  for (const [index, item] of items.entries()) {
    const checked = checkConnection(item, textOf(writtenItems[index], 'source'), registry);
    checkedItems.push(checked.connection);
    for (const finding of checked.findings) {
      findings.push({ ...finding, path: ['connections', index, ...finding.path] });
    }
  }
  const shared = shareByBot(checkedItems, items);
  findings.push(
    ...findDuplicateIds(items, writtenItems),
    ...findDuplicateAccounts(checkedItems),
    ...findOwnForwards(checkedItems, publicUrl),
    ...shared.findings,
  );
  if (findings.length > 0) return { ok: false, findings };
  const list = shared.connections.filter((connection) => connection !== undefined);
  return { ok: true, connections: createConnections(list) };
}

/** Returns the list of connections of a file, or an empty list. */
export function connectionsIn(file: unknown): readonly unknown[] {
  const list = typeof file === 'object' && file !== null && 'connections' in file ? file.connections : [];
  return Array.isArray(list) ? list : [];
}

function findDuplicateIds(items: readonly unknown[], written: readonly unknown[]): Finding[] {
  const first = new Map<string, number>();
  const findings: Finding[] = [];
  for (const [index, item] of items.entries()) {
    const id = textOf(item, 'id');
    const earlier = first.get(id);
    if (id === '') continue;
    if (earlier === undefined) first.set(id, index);
    else {
      const message = `repeats the id "${textOf(written[index], 'id')}" of connections[${earlier}]`;
      findings.push({ path: ['connections', index, 'id'], message, hint: 'Give each connection its own id' });
    }
  }
  return findings;
}

/** The accounts of a source share one address, which can route an account to one connection only. */
function findDuplicateAccounts(connections: readonly (Connection | undefined)[]): Finding[] {
  const first = new Map<string, number>();
  const findings: Finding[] = [];
  for (const [index, connection] of connections.entries()) {
    const account = connection?.source.account?.ofSettings(connection.settings);
    if (!connection || account === undefined) continue;
    const key = JSON.stringify([connection.source.name, account]);
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, index);
    else {
      const address = `/webhooks/${connection.source.name}`;
      // The account is not quoted: it may contain the value of a variable.
      const message = `name the same account as connections[${earlier}], whose webhooks arrive at ${address}`;
      const hint = 'Remove the account from one of them, which keeps its own address /webhooks/<id>';
      findings.push({ path: ['connections', index, 'settings'], message, hint });
    }
  }
  return findings;
}

/** A forward to Sluice itself would arrive as a webhook of the platform. */
function findOwnForwards(
  connections: readonly (Connection | undefined)[],
  publicUrl: string | undefined,
): Finding[] {
  const own = publicUrl && parseUrl(publicUrl);
  if (!own) return [];
  const base = `${own.origin}${own.pathname.replace(/\/+$/, '')}/webhooks/`;
  return connections.flatMap((connection, index) => {
    const url = connection?.forward && parseUrl(connection.forward.url.reveal());
    if (!url || !`${url.origin}${url.pathname}`.startsWith(base)) return [];
    const message = 'is an address of Sluice itself (SLUICE_PUBLIC_URL)';
    const hint =
      'Use the address of the other receiver, such as the webhook URL of the integration at Botpress';
    return [{ path: ['connections', index, 'forward', 'url'], message, hint }];
  });
}

function textOf(item: unknown, key: string): string {
  if (typeof item !== 'object' || item === null) return '';
  const text = (item as Record<string, unknown>)[key];
  return typeof text === 'string' ? text : '';
}

const loadedModules = new WeakMap<SourceRegistry, ReadonlySet<string>>();

/** Records the modules of a registry, as named in the connections file. */
export function recordModules(registry: SourceRegistry, modules: readonly string[]): void {
  loadedModules.set(registry, new Set(modules));
}

/** Returns the modules of a file, or an empty list if it is not a list of texts. */
export function modulesIn(file: unknown): readonly string[] {
  const list = typeof file === 'object' && file !== null && 'modules' in file ? file.modules : [];
  return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : [];
}

/** Finds modules that were added to the file after the start. */
function findUnloadedModules(file: unknown, registry: SourceRegistry): Finding[] {
  const loaded = loadedModules.get(registry);
  return modulesIn(file).flatMap((module, index) =>
    loaded?.has(module)
      ? []
      : [
          {
            path: ['modules', index],
            message: 'is not loaded',
            hint: 'Restart Sluice: modules are loaded at startup',
          },
        ],
  );
}
