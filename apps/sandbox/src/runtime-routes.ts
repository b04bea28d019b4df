import { type NextFunction, type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { createAdminRoutes } from './admin-routes.ts';
import { admit } from './admission.ts';
import type { Caller } from './bots.ts';
import { RECORD_KINDS } from './chat-records.ts';
import { FILTER_STATUSES, statusAt } from './event-status.ts';
import { isVisible, type SandboxEvent, serializeEvent, typeFor } from './event-store.ts';
import { openExchange, runWithFaults } from './exchange.ts';
import type { FaultTarget } from './faults.ts';
import { listRecords } from './record-lists.ts';
import { createRecordRoutes } from './record-routes.ts';
import {
  type ApiResponse,
  apiError,
  errorResponse,
  jsonResponse,
  type ResponseHeaders,
  sendResponse,
} from './responses.ts';
import type { Sandbox } from './sandbox.ts';

/** Creates all routes of the Runtime API except createEvent, and the two of the Admin API. Other routes under `/v1` get Botpress errors. */
export function createRuntimeRoutes(sandbox: Sandbox): Router {
  const router = Router();
  router
    .route('/v1/chat/events')
    .get((request, response) => serveRead(sandbox, 'listEvents', request, response, listResponse))
    .all(rejectMethod(sandbox));
  router
    .route('/v1/chat/events/:id')
    .get((request, response) => serveRead(sandbox, 'getEvent', request, response, getResponse))
    .all(rejectMethod(sandbox));
  for (const kind of RECORD_KINDS) {
    router.get(`/v1/chat/${kind}s`, (request, response) =>
      serveRead(sandbox, LISTS[kind], request, response, (_, caller, listRequest, headers) =>
        listRecords(sandbox, kind, caller, listRequest, headers),
      ),
    );
  }
  router.use(createRecordRoutes(sandbox));
  router.use(createAdminRoutes(sandbox));
  router.use('/v1', (_request, response) => {
    const error = apiError('ResourceNotFound', 'The sandbox does not implement this route.');
    sendResponse(response, errorResponse(error, sandbox.newId('err')));
  });
  return router;
}

const LISTS = {
  conversation: 'listConversations',
  user: 'listUsers',
  message: 'listMessages',
} as const;

type Read = (sandbox: Sandbox, caller: Caller, request: Request, headers: ResponseHeaders) => ApiResponse;

function serveRead(
  sandbox: Sandbox,
  operation: FaultTarget['operation'],
  request: Request,
  response: Response,
  read: Read,
): void {
  const exchange = openExchange(response);
  const admission = admit(sandbox, request.headers, false);
  if (!admission.ok) {
    exchange.respond(admission.response);
    return;
  }
  const { caller, headers } = admission;
  runWithFaults(sandbox, { operation, botId: caller.botId }, exchange, () =>
    read(sandbox, caller, request, headers),
  );
}

function listResponse(
  sandbox: Sandbox,
  caller: Caller,
  request: Request,
  headers: ResponseHeaders,
): ApiResponse {
  const query = listQuery.safeParse(request.query);
  if (query.success) return jsonResponse(200, listEvents(sandbox, caller, query.data), headers);
  const messages = query.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  return errorResponse(apiError('InvalidQuery', messages), sandbox.newId('err'), headers);
}

function getResponse(
  sandbox: Sandbox,
  caller: Caller,
  request: Request,
  headers: ResponseHeaders,
): ApiResponse {
  const event = sandbox.store.get(String(request.params.id));
  if (event && isVisible(event, caller)) {
    return jsonResponse(
      200,
      `{"event":${serializeEvent(event, caller, sandbox.modes, sandbox.clock.now())}}`,
      headers,
    );
  }
  return errorResponse(
    apiError('ResourceNotFound', 'The event does not exist.'),
    sandbox.newId('err'),
    headers,
  );
}

function rejectMethod(sandbox: Sandbox) {
  return (_request: Request, response: Response, _next: NextFunction): void =>
    sendResponse(response, errorResponse(apiError('MethodNotFound'), sandbox.newId('err')));
}

const DEFAULT_PAGE_SIZE = 20;
const MAX_PAGE_SIZE = 100;

const id = z.string().optional();

/** The query of listEvents. A page size over 100 counts as 100. */
const listQuery = z.object({
  nextToken: z
    .string()
    .transform(readToken)
    .refine((sequence) => sequence !== undefined, 'is not a token of this API')
    .optional(),
  pageSize: z.coerce.number().int().min(1).default(DEFAULT_PAGE_SIZE),
  type: id,
  conversationId: id,
  userId: id,
  messageId: id,
  workflowId: id,
  status: z.enum(FILTER_STATUSES).optional(),
});

type ListQuery = z.output<typeof listQuery>;

/** Returns the JSON text of listEvents' response: the caller's events, newest first. */
function listEvents({ store, clock, modes }: Sandbox, caller: Caller, query: ListQuery): string {
  const now = clock.now();
  const newest = now - modes.get('listingDelayMs');
  const isHonored = modes.get('pageSize') === 'honored';
  const pageSize = isHonored ? Math.min(query.pageSize, MAX_PAGE_SIZE) : DEFAULT_PAGE_SIZE;
  const page: string[] = [];
  let lastSequence = 0;
  for (const { sequence, event } of store.newestFirst(query.nextToken)) {
    if (!isVisible(event, caller) || Date.parse(event.createdAt) > newest) continue;
    if (query.type !== undefined && query.type !== typeFor(event, caller, modes)) continue;
    if (!matchesQuery(event, query, now)) continue;
    // An event beyond the page size proves that a next page exists.
    if (page.length === pageSize) return toJson(page, writeToken(lastSequence));
    page.push(serializeEvent(event, caller, modes, now));
    lastSequence = sequence;
  }
  return toJson(page);
}

function matchesQuery(event: SandboxEvent, query: ListQuery, now: number): boolean {
  return (
    (query.status === undefined || query.status === statusAt(event, now).status) &&
    (query.conversationId === undefined || query.conversationId === event.conversationId) &&
    (query.userId === undefined || query.userId === event.userId) &&
    (query.messageId === undefined || query.messageId === event.messageId) &&
    (query.workflowId === undefined || query.workflowId === event.workflowId)
  );
}

function toJson(page: readonly string[], nextToken?: string): string {
  return `{"events":[${page.join(',')}],"meta":${JSON.stringify({ nextToken })}}`;
}

/** A token names the last event of its page, so new events do not shift the next page. */
function writeToken(sequence: number): string {
  return Buffer.from(`before:${sequence}`).toString('base64url');
}

function readToken(token: string): number | undefined {
  const sequence = /^before:(\d{1,15})$/.exec(Buffer.from(token, 'base64url').toString('utf8'))?.[1];
  return sequence === undefined ? undefined : Number(sequence);
}
