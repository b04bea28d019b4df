import type { IncomingHttpHeaders } from 'node:http';
import { type Refusal, refuse } from './api-error.ts';
import type { Body } from './read-body.ts';

const MAX_TYPE_LENGTH = 200;
const LINKS = ['conversationId', 'userId', 'messageId', 'workflowId'] as const;

/** What a caller asks to be created. */
export type EventRequest = Readonly<Partial<Record<(typeof LINKS)[number], string>>> & {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly scheduled: boolean;
  readonly deliveryId: string | undefined;
};

export type RequestReading =
  | { readonly ok: true; readonly request: EventRequest }
  | { readonly ok: false; readonly refusal: Refusal };

/** Reads createEvent's body, by hand: this is the hot path, and there are seven fields. */
export function readEventRequest(headers: IncomingHttpHeaders, body: Body): RequestReading {
  if (body.kind === 'too large') return fail('PayloadTooLarge', 'the request is larger than 1 MB');
  if (body.kind === 'broken off') return fail('InvalidPayload', 'the request broke off');
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) {
    return fail('UnsupportedMediaType', 'the content-type must be application/json');
  }
  if (headers['content-encoding']) return fail('UnsupportedMediaType', 'the body must not be encoded');
  const json = parse(body.bytes);
  return isObject(json) ? readFields(json) : fail('InvalidPayload', 'the body must be a JSON object');
}

function readFields(json: Record<string, unknown>): RequestReading {
  const { type, payload, schedule } = json;
  if (typeof type !== 'string' || type === '') return fail('InvalidPayload', 'type must be a string');
  if (type.length > MAX_TYPE_LENGTH) {
    return fail('InvalidPayload', `type must have at most ${MAX_TYPE_LENGTH} characters`);
  }
  if (!isObject(payload)) return fail('InvalidPayload', 'payload must be an object');
  const wrongLink = LINKS.find((link) => json[link] !== undefined && typeof json[link] !== 'string');
  if (wrongLink) return fail('InvalidPayload', `${wrongLink} must be a string`);
  if (schedule !== undefined && !isSchedule(schedule)) {
    return fail('InvalidPayload', 'schedule must have dateTime (ISO 8601) or delay (milliseconds)');
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

function fail(error: Refusal['error'], message: string): RequestReading {
  return { ok: false, refusal: refuse(error, message) };
}
