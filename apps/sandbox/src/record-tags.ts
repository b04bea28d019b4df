import type { Caller } from './bots.ts';
import { type ChatRecord, type OwnedBy, presentRecord } from './chat-records.ts';
import type { Sandbox } from './sandbox.ts';

type Tags = Readonly<Record<string, string>>;

/** Returns the id of the integration that a bot means by `integrationName`: an alias, or an id. */
export function integrationOf(
  { bots }: Pick<Sandbox, 'bots'>,
  botId: string,
  integrationName: string,
): string {
  return bots.get(botId).integrations[integrationName] ?? integrationName;
}

function aliasOf({ bots }: Pick<Sandbox, 'bots'>, { botId, integrationId }: OwnedBy): string | undefined {
  const installed = Object.entries(bots.get(botId).integrations);
  return installed.find(([, id]) => id === integrationId)?.[0] ?? integrationId;
}

/** Returns whether the caller names the tags of an integration with its alias, as in `telegram:id`. */
function isPrefixed({ modes }: Pick<Sandbox, 'modes'>, caller: Caller): boolean {
  return caller.integrationId === undefined && modes.get('botTags') === 'prefixed';
}

/**
 * Returns the tags of a request as their integration names them.
 *
 * @returns undefined if a tag lacks the prefix, or has one that the caller does not use: no such tag is defined
 */
export function readTags(
  sandbox: Pick<Sandbox, 'bots' | 'modes'>,
  caller: Caller,
  owner: OwnedBy,
  tags: Tags,
): Tags | undefined {
  const alias = aliasOf(sandbox, owner);
  const entries = Object.entries(tags);
  if (!isPrefixed(sandbox, caller) || alias === undefined) {
    return entries.some(([tag]) => tag.includes(':')) ? undefined : tags;
  }
  const prefix = `${alias}:`;
  if (!entries.every(([tag]) => tag.startsWith(prefix))) return undefined;
  return Object.fromEntries(entries.map(([tag, value]) => [tag.slice(prefix.length), value]));
}

/** Returns a record as the caller sees it. */
export function presentTo(
  sandbox: Pick<Sandbox, 'bots' | 'modes'>,
  caller: Caller,
  record: ChatRecord,
): object {
  const alias = aliasOf(sandbox, record);
  if (!isPrefixed(sandbox, caller) || alias === undefined) return presentRecord(record);
  const tags = Object.entries(record.tags).map(([tag, value]) => [`${alias}:${tag}`, value] as const);
  return presentRecord({ ...record, tags: Object.fromEntries(tags) });
}
