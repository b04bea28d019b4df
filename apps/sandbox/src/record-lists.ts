import type { Request } from 'express';
import type { Caller } from './bots.ts';
import { isVisibleRecord, type RecordKind } from './chat-records.ts';
import { integrationOf, presentTo, readTags } from './record-tags.ts';
import {
  type ApiResponse,
  apiError,
  errorResponse,
  jsonResponse,
  type ResponseHeaders,
} from './responses.ts';
import type { Sandbox } from './sandbox.ts';

const PAGE_SIZE = 20;

/** The filters of each list besides tags. */
const FILTERS = {
  conversation: ['integrationName', 'channel'],
  user: [],
  message: ['conversationId'],
} as const satisfies Record<RecordKind, readonly string[]>;

/** Serves listConversations, listUsers or listMessages: the newest records of the caller that have the tags. */
export function listRecords(
  sandbox: Sandbox,
  kind: RecordKind,
  caller: Caller,
  request: Request,
  headers: ResponseHeaders,
): ApiResponse {
  const { tags, filters, nextToken, unknown } = readQuery(kind, request.originalUrl);
  if (unknown !== undefined) {
    return errorResponse(
      apiError('InvalidQuery', `${unknown} is not a filter`),
      sandbox.newId('err'),
      headers,
    );
  }
  const { integrationName, ...fields } = filters;
  const owner =
    integrationName === undefined ? undefined : integrationOf(sandbox, caller.botId, integrationName);
  const found = sandbox.records
    .list(kind)
    .filter((record) => isVisibleRecord(record, caller))
    .filter(({ integrationId }) => owner === undefined || integrationId === owner)
    .filter((record) => Object.entries(fields).every(([name, value]) => record.fields[name] === value))
    .filter((record) => {
      const wanted = readTags(sandbox, caller, record, tags);
      return wanted && Object.entries(wanted).every(([tag, value]) => record.tags[tag] === value);
    })
    .reverse();
  const start = nextToken === undefined ? 0 : Number(nextToken);
  const page = found.slice(start, start + PAGE_SIZE).map((record) => presentTo(sandbox, caller, record));
  const next = start + PAGE_SIZE < found.length ? { nextToken: String(start + PAGE_SIZE) } : {};
  return jsonResponse(200, JSON.stringify({ [`${kind}s`]: page, meta: next }), headers);
}

/** The client writes the filter `{tags: {id: '1'}}` as `tags.id=1`. */
function readQuery(kind: RecordKind, url: string) {
  const tags: Record<string, string> = {};
  const filters: Partial<Record<string, string>> = {};
  let nextToken: string | undefined;
  let unknown: string | undefined;
  for (const [name, value] of new URL(url, 'http://localhost').searchParams) {
    if (name.startsWith('tags.')) tags[name.slice('tags.'.length)] = value;
    else if (name === 'nextToken' && /^\d{1,9}$/.test(value)) nextToken = value;
    else if ((FILTERS[kind] as readonly string[]).includes(name)) filters[name] = value;
    else unknown ??= name;
  }
  return { tags, filters, nextToken, unknown };
}
