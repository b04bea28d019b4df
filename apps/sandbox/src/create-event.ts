import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { admit } from './admission.ts';
import type { Caller } from './bots.ts';
import type { Call } from './call-log.ts';
import { ID_LENGTH } from './clock-and-ids.ts';
import { type SandboxEvent, serializeEvent } from './event-store.ts';
import { openExchange, runWithFaults } from './exchange.ts';
import { type Body, isObject, parseJsonBody, readBody } from './request-body.ts';
import {
  type ApiError,
  type ApiResponse,
  apiError,
  errorResponse,
  jsonResponse,
  type ResponseHeaders,
} from './responses.ts';
import type { Sandbox } from './sandbox.ts';

/**
 * Serves `POST /v1/chat/events`: read the body, log the call, admit it, apply faults, validate, commit.
 *
 * It bypasses Express, whose middleware would cost more than the work: benchmarks send thousands per second.
 */
export function serveCreateEvent(sandbox: Sandbox, request: IncomingMessage, response: ServerResponse): void {
  const at = sandbox.clock.now();
  readBody(request, (body) => {
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
  const { registry, modes } = sandbox;
  const isRequired = modes.get('definitions') === 'required';
  const { type, payload: parsed } = request;
  const error = registry.validate(caller, type, parsed, isRequired) ?? checkLinks(sandbox, caller, request);
  if (error) return errorResponse(error, sandbox.newId('err'), headers);
  const payload = stringify(parsed);
  if (payload === undefined) {
    const tooDeep = apiError('InvalidPayload', 'The payload is nested too deeply.');
    return errorResponse(tooDeep, sandbox.newId('err'), headers);
  }
  const limit = modes.get('maxPayloadBytes');
  if (limit !== null && Buffer.byteLength(payload) > limit) {
    const tooLarge = apiError('PayloadTooLarge', `The payload is larger than ${limit} bytes.`);
    return errorResponse(tooLarge, sandbox.newId('err'), headers);
  }
  const event = makeEvent(sandbox, caller, request, payload);
  sandbox.commit(event);
  call.eventId = event.id;
  return jsonResponse(
    201,
    `{"event":${serializeEvent(event, caller, sandbox.modes, Date.parse(event.createdAt))}}`,
    headers,
  );
}

/** Returns the error of a link to something that does not exist, or undefined. The sandbox has no workflows. */
function checkLinks(
  { records, modes }: Sandbox,
  caller: Caller,
  request: EventRequest,
): ApiError | undefined {
  if (request.workflowId === undefined) {
    return records.checkLinks(caller, request, modes.get('foreignRecords') === 'accepted');
  }
  return apiError('ReferenceNotFound', `The workflow ${request.workflowId} does not exist.`);
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
  { clock, newId, statusRules }: Sandbox,
  caller: Caller,
  { payload: _parsed, schedule, ...rest }: EventRequest,
  payload: string,
): SandboxEvent {
  const now = clock.now();
  const target = { botId: caller.botId, type: rest.type, deliveryId: rest.deliveryId };
  return {
    ...rest,
    id: newId('evt'),
    createdAt: new Date(now).toISOString(),
    botId: caller.botId,
    integrationId: caller.integrationId,
    integrationAlias: caller.integrationAlias,
    payload,
    ...statusRules.plan(target, startOf(schedule, now)),
  };
}

function headerOf(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) || null;
}

const MAX_TYPE_LENGTH = 200;
const LINKS = ['conversationId', 'userId', 'messageId', 'workflowId'] as const;

/** When an event is due: at an ISO 8601 time, or after a delay in milliseconds. */
type Schedule = { readonly dateTime: string } | { readonly delay: number };

/** The event to create. */
export type EventRequest = Readonly<Partial<Record<(typeof LINKS)[number], string>>> & {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly schedule: Schedule | undefined;
  readonly deliveryId: string | undefined;
};

export type ParsedRequest =
  | { readonly ok: true; readonly request: EventRequest }
  | { readonly ok: false; readonly error: ApiError };

/** Parses the body of createEvent without a schema library: this is the hot path, with seven fields. */
function parseEventRequest(headers: IncomingHttpHeaders, body: Body): ParsedRequest {
  const parsed = parseJsonBody(headers, body);
  return parsed.ok ? readFields(parsed.json) : parsed;
}

const FIELDS: readonly string[] = ['type', 'payload', 'schedule', ...LINKS];

function readFields(json: Readonly<Record<string, unknown>>): ParsedRequest {
  const { type, payload } = json;
  if (typeof type !== 'string' || type === '') return fail('The field type must be a string.');
  if (type.length > MAX_TYPE_LENGTH) {
    return fail(`The field type must have at most ${MAX_TYPE_LENGTH} characters.`);
  }
  if (!isObject(payload)) return fail('The field payload must be an object.');
  const unknownField = Object.keys(json).find((field) => !FIELDS.includes(field));
  if (unknownField !== undefined) return fail(`The field ${unknownField} is not in the API.`);
  const invalidLink = LINKS.find((link) => json[link] !== undefined && !isId(json[link]));
  if (invalidLink) {
    return fail(
      `The field ${invalidLink} must be a string of ${ID_LENGTH.min} to ${ID_LENGTH.max} characters.`,
    );
  }
  const schedule = readSchedule(json.schedule);
  if (schedule === 'invalid') {
    return fail('The field schedule must have dateTime (ISO 8601) or delay (milliseconds).');
  }
  const deliveryId = payload.deliveryId;
  return {
    ok: true,
    request: {
      ...readLinks(json),
      type,
      payload,
      schedule,
      deliveryId: typeof deliveryId === 'string' ? deliveryId : undefined,
    },
  };
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && value.length >= ID_LENGTH.min && value.length <= ID_LENGTH.max;
}

function readLinks(json: Readonly<Record<string, unknown>>): Partial<Record<(typeof LINKS)[number], string>> {
  const links: Partial<Record<(typeof LINKS)[number], string>> = {};
  for (const link of LINKS) if (typeof json[link] === 'string') links[link] = json[link];
  return links;
}

function readSchedule(value: unknown): Schedule | undefined | 'invalid' {
  if (value === undefined) return undefined;
  if (!isObject(value)) return 'invalid';
  const { dateTime, delay, ...unknownFields } = value;
  if (Object.keys(unknownFields).length > 0) return 'invalid';
  if (typeof dateTime === 'string' && dateTime.length >= 24 && dateTime.length <= 28) {
    return Number.isNaN(Date.parse(dateTime)) ? 'invalid' : { dateTime };
  }
  return dateTime === undefined && typeof delay === 'number' && delay >= 0 ? { delay } : 'invalid';
}

/** Returns when the event is due, in milliseconds since the epoch. */
function startOf(schedule: Schedule | undefined, now: number): number {
  if (schedule === undefined) return now;
  return 'delay' in schedule ? now + schedule.delay : Date.parse(schedule.dateTime);
}

function fail(message: string): ParsedRequest {
  return { ok: false, error: apiError('InvalidPayload', message) };
}
