import { type Request, type Response, Router } from 'express';
import type { z } from 'zod';
import { admit } from './admission.ts';
import type { Caller } from './bots.ts';
import { type ChatRecord, RECORD_KINDS, type RecordKind, recordRequests } from './chat-records.ts';
import { openExchange, runWithFaults } from './exchange.ts';
import { integrationOf, presentTo, readTags } from './record-tags.ts';
import { parseJsonBody, readBody } from './request-body.ts';
import { type ApiError, type ApiResponse, apiError, errorResponse, jsonResponse } from './responses.ts';
import type { Sandbox } from './sandbox.ts';

const OPERATIONS = {
  conversation: 'getOrCreateConversation',
  user: 'getOrCreateUser',
  message: 'getOrCreateMessage',
} as const satisfies Record<RecordKind, string>;

/** Documented limit of a message. */
const MAX_MESSAGE_BYTES = 128 * 1024;

/** Creates the routes of getOrCreateConversation, getOrCreateUser and getOrCreateMessage. */
export function createRecordRoutes(sandbox: Sandbox): Router {
  const router = Router();
  for (const kind of RECORD_KINDS) {
    router.post(`/v1/chat/${kind}s/get-or-create`, (request, response) =>
      serveGetOrCreate(sandbox, kind, request, response),
    );
  }
  return router;
}

/** Messages and events count against the rate limit of a bot. */
function serveGetOrCreate(sandbox: Sandbox, kind: RecordKind, request: Request, response: Response): void {
  readBody(request, (body) => {
    if (body.kind === 'aborted') return;
    const exchange = openExchange(response);
    const admission = admit(sandbox, request.headers, kind === 'message');
    if (!admission.ok) return exchange.respond(admission.response);
    const { caller, headers } = admission;
    const parsed = parseJsonBody(request.headers, body);
    const target = { operation: OPERATIONS[kind], botId: caller.botId };
    runWithFaults(sandbox, target, exchange, (): ApiResponse => {
      const result = parsed.ok ? getOrCreate(sandbox, kind, caller, parsed.json) : parsed;
      return result.ok
        ? jsonResponse(200, JSON.stringify({ [kind]: presentTo(sandbox, caller, result.record) }), headers)
        : errorResponse(result.error, sandbox.newId('err'), headers);
    });
  });
}

type RecordResult =
  | { readonly ok: true; readonly record: ChatRecord }
  | { readonly ok: false; readonly error: ApiError };

function getOrCreate(sandbox: Sandbox, kind: RecordKind, caller: Caller, json: unknown): RecordResult {
  const parsed = (recordRequests[kind] as z.ZodType<ParsedRequest>).safeParse(json);
  if (!parsed.success) {
    const messages = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return invalid(messages.join('; '));
  }
  const {
    integrationName,
    schedule: _schedule,
    tags: named,
    discriminateByTags: namesGiven,
    ...given
  } = parsed.data;
  const missing = namesGiven?.find((tag) => named[tag] === undefined);
  if (missing !== undefined) {
    return invalid(`discriminateByTags has ${missing}, and tags does not.`);
  }
  if (integrationName !== undefined && sandbox.modes.get('integrationName') === 'rejected') {
    return invalid('integrationName is deprecated. Call an action of the integration instead.');
  }
  const ownerName = integrationName && integrationOf(sandbox, caller.botId, integrationName);
  const integrationId = caller.integrationId ?? ownerName;
  if (integrationId === undefined && kind !== 'message') {
    return invalid(`A bot must pass integrationName to create a ${kind}.`);
  }
  if (kind === 'message' && Buffer.byteLength(JSON.stringify(given.payload)) > MAX_MESSAGE_BYTES) {
    return {
      ok: false,
      error: apiError('PayloadTooLarge', 'The payload of a message is larger than 128 KB.'),
    };
  }
  const error = sandbox.records.checkLinks(caller, given);
  if (error) return { ok: false, error };
  const fields = { ...given, ...derivedFields(kind, caller, integrationId, integrationName) };
  const owner = { botId: caller.botId, integrationId };
  const tags = readTags(sandbox, caller, owner, named);
  const names = readTags(sandbox, caller, owner, pickTags(named, namesGiven ?? []));
  if (!tags || !names) return invalid('The integration defines no such tag.');
  const discriminateByTags = namesGiven && Object.keys(names);
  const record = sandbox.records.getOrCreate(kind, owner, { tags, discriminateByTags, fields });
  return { ok: true, record };
}

/** Returns the fields that Botpress sets from the caller. */
function derivedFields(
  kind: RecordKind,
  caller: Caller,
  integrationId: string | undefined,
  integrationName: string | undefined,
): object {
  switch (kind) {
    case 'conversation':
      return { integration: caller.integrationAlias ?? integrationName ?? integrationId };
    case 'message':
      return { direction: caller.integrationId === undefined ? 'outgoing' : 'incoming' };
    case 'user':
      return {};
  }
}

function pickTags(tags: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((tag) => [tag, tags[tag] ?? '']));
}

function invalid(message: string): RecordResult {
  return { ok: false, error: apiError('InvalidPayload', message) };
}

/** The fields of the three requests that this module reads. */
interface ParsedRequest {
  readonly tags: Readonly<Record<string, string>>;
  readonly discriminateByTags?: readonly string[] | undefined;
  readonly integrationName?: string | undefined;
  readonly schedule?: unknown;
  readonly payload?: unknown;
  readonly conversationId?: string;
  readonly userId?: string;
}
