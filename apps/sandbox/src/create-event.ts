import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { admit, type Caller } from './bots.ts';
import type { Call } from './call-log.ts';
import { type SandboxEvent, serializeEvent } from './event-store.ts';
import { openExchange, runWithFaults } from './exchange.ts';
import {
  type ApiError,
  type ApiResponse,
  apiError,
  errorResponse,
  jsonResponse,
  type ResponseHeaders,
} from './responses.ts';
import type { Sandbox } from './sandbox.ts';

const MAX_REQUEST_BYTES = 1024 * 1024;

/**
 * Serves `POST /v1/chat/events`: read the body, log the call, admit it, apply faults, validate, commit.
 *
 * It bypasses Express, whose middleware would cost more than the work: benchmarks send thousands per second.
 */
export function serveCreateEvent(sandbox: Sandbox, request: IncomingMessage, response: ServerResponse): void {
  const at = sandbox.clock.now();
  readBody(request, MAX_REQUEST_BYTES, (body) => {
    if (body.kind === 'aborted') return;
    const parsed = parseEventRequest(request.headers, body);
    const call = logCall(sandbox, request, parsed, at);
    const exchange = openExchange(response, call);
    const admission = admit(sandbox, request.headers, true);
    if (!admission.ok) return exchange.respond(admission.response);
    const { caller, headers } = admission;
    if (!parsed.ok) {
      return exchange.respond(errorResponse(parsed.error, sandbox.newId('err'), headers));
    }
    const { type, deliveryId } = parsed.request;
    const target = { operation: 'createEvent', botId: caller.botId, type, deliveryId } as const;
    runWithFaults(sandbox, target, exchange, () =>
      createEvent(sandbox, caller, parsed.request, headers, call),
    );
  });
}

function logCall(sandbox: Sandbox, { headers }: IncomingMessage, parsed: ParsedRequest, at: number): Call {
  const call: Call = {
    at,
    botId: headerOf(headers['x-bot-id']),
    integrationId: headerOf(headers['x-integration-id']),
    type: parsed.ok ? parsed.request.type : null,
    deliveryId: (parsed.ok && parsed.request.deliveryId) || null,
    outcome: 'open',
    status: null,
    eventId: null,
    faultId: null,
  };
  sandbox.calls.add(call);
  sandbox.waits.notify();
  return call;
}

/** Validates the payload, commits the event if it is valid, and returns the response. */
function createEvent(
  sandbox: Sandbox,
  caller: Caller,
  request: EventRequest,
  headers: ResponseHeaders,
  call: Call,
): ApiResponse {
  const error = sandbox.registry.validate(caller.integrationId, request.type, request.payload);
  if (error) return errorResponse(error, sandbox.newId('err'), headers);
  const payload = stringify(request.payload);
  if (payload === undefined) {
    const tooDeep = apiError('InvalidPayload', 'The payload is nested too deeply.');
    return errorResponse(tooDeep, sandbox.newId('err'), headers);
  }
  const event = makeEvent(sandbox, caller, request, payload);
  sandbox.commit(event);
  call.eventId = event.id;
  return jsonResponse(201, `{"event":${serializeEvent(event, caller)}}`, headers);
}

/** JSON.parse accepts any depth; JSON.stringify overflows the stack. */
function stringify(payload: object): string | undefined {
  try {
    return JSON.stringify(payload);
  } catch {
    return undefined;
  }
}

function makeEvent(
  { clock, newId }: Sandbox,
  caller: Caller,
  { payload: _parsed, scheduled, ...rest }: EventRequest,
  payload: string,
): SandboxEvent {
  return {
    ...rest,
    id: newId('evt'),
    createdAt: new Date(clock.now()).toISOString(),
    botId: caller.botId,
    integrationId: caller.integrationId,
    integrationAlias: caller.integrationAlias,
    payload,
    status: scheduled ? 'scheduled' : 'pending',
  };
}

function headerOf(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) || null;
}

const MAX_TYPE_LENGTH = 200;
const LINKS = ['conversationId', 'userId', 'messageId', 'workflowId'] as const;

/** The event to create. */
export type EventRequest = Readonly<Partial<Record<(typeof LINKS)[number], string>>> & {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly scheduled: boolean;
  readonly deliveryId: string | undefined;
};

export type ParsedRequest =
  | { readonly ok: true; readonly request: EventRequest }
  | { readonly ok: false; readonly error: ApiError };

/** Parses the body of createEvent without a schema library: this is the hot path, with seven fields. */
function parseEventRequest(headers: IncomingHttpHeaders, body: Body): ParsedRequest {
  if (body.kind === 'too_large') return fail('PayloadTooLarge', 'The request is larger than 1 MB.');
  if (body.kind === 'aborted') return fail('InvalidPayload', 'The request was aborted.');
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) {
    return fail('UnsupportedMediaType', 'The content-type must be application/json.');
  }
  if (headers['content-encoding'])
    return fail('UnsupportedMediaType', 'The body must not have a content-encoding.');
  const json = parse(body.bytes);
  return isObject(json) ? readFields(json) : fail('InvalidPayload', 'The body must be a JSON object.');
}

function readFields(json: Record<string, unknown>): ParsedRequest {
  const { type, payload, schedule } = json;
  if (typeof type !== 'string' || type === '')
    return fail('InvalidPayload', 'The field type must be a string.');
  if (type.length > MAX_TYPE_LENGTH) {
    return fail('InvalidPayload', `The field type must have at most ${MAX_TYPE_LENGTH} characters.`);
  }
  if (!isObject(payload)) return fail('InvalidPayload', 'The field payload must be an object.');
  const invalidLink = LINKS.find((link) => json[link] !== undefined && typeof json[link] !== 'string');
  if (invalidLink) return fail('InvalidPayload', `The field ${invalidLink} must be a string.`);
  if (schedule !== undefined && !isSchedule(schedule)) {
    return fail(
      'InvalidPayload',
      'The field schedule must have dateTime (ISO 8601) or delay (milliseconds).',
    );
  }
  const deliveryId = payload.deliveryId;
  return {
    ok: true,
    request: {
      ...readLinks(json),
      type,
      payload,
      scheduled: schedule !== undefined,
      deliveryId: typeof deliveryId === 'string' ? deliveryId : undefined,
    },
  };
}

function readLinks(json: Record<string, unknown>): Partial<Record<(typeof LINKS)[number], string>> {
  const links: Partial<Record<(typeof LINKS)[number], string>> = {};
  for (const link of LINKS) if (typeof json[link] === 'string') links[link] = json[link];
  return links;
}

function isSchedule(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { dateTime, delay } = value;
  if (dateTime !== undefined) return typeof dateTime === 'string' && !Number.isNaN(Date.parse(dateTime));
  return typeof delay === 'number' && delay >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function fail(error: ApiError['error'], message: string): ParsedRequest {
  return { ok: false, error: apiError(error, message) };
}

export type Body =
  | { readonly kind: 'complete'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'aborted' };

/** Multiple of the limit after which the connection is closed. */
const DRAIN_FACTOR = 16;

/**
 * Reads a request's body and calls `done` once.
 *
 * A body over `limit` bytes is read to its end and discarded, because a client that is still sending would see
 * a reset instead of the response. Over 16 times the limit the connection is closed.
 */
function readBody(request: IncomingMessage, limit: number, done: (body: Body) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let finished = false;
  const finish = (body: Body) => {
    if (finished) return;
    finished = true;
    done(body);
  };
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else if (size > limit * DRAIN_FACTOR) request.destroy();
  });
  request.once('end', () => {
    if (size > limit) return finish({ kind: 'too_large' });
    const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
    finish({ kind: 'complete', bytes });
  });
  request.once('error', () => finish({ kind: 'aborted' }));
  request.once('close', () => finish({ kind: 'aborted' }));
}
