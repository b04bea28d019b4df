import type { IncomingMessage, ServerResponse } from 'node:http';
import { admit } from './admit.ts';
import { type Answer, type AnswerHeaders, jsonAnswer, refusalAnswer } from './answer.ts';
import { refuse } from './api-error.ts';
import type { Call } from './call-log.ts';
import { presentEvent, type SandboxEvent } from './event.ts';
import { type EventRequest, type RequestReading, readEventRequest } from './event-request.ts';
import { openExchange } from './exchange.ts';
import type { Caller } from './identity.ts';
import { readBody } from './read-body.ts';
import { runWithFaults } from './run-with-faults.ts';
import type { Sandbox } from './sandbox.ts';

const MAX_REQUEST_BYTES = 1024 * 1024;

/**
 * Serves `POST /v1/chat/events`: read, log, admit, then under faults check and commit.
 *
 * It runs below Express, whose chain would cost more than the work, and benchmarks push thousands a second.
 */
export function serveCreateEvent(sandbox: Sandbox, request: IncomingMessage, response: ServerResponse): void {
  const at = sandbox.clock.now();
  readBody(request, MAX_REQUEST_BYTES, (body) => {
    if (body.kind === 'broken off') return;
    const reading = readEventRequest(request.headers, body);
    const call = logCall(sandbox, request, reading, at);
    const exchange = openExchange(response, call);
    const admission = admit(sandbox, request.headers, true);
    if (!admission.ok) return exchange.answer(admission.answer);
    const { caller, headers } = admission;
    if (!reading.ok) {
      return exchange.answer(refusalAnswer(reading.refusal, sandbox.newId('err'), headers));
    }
    const { type, deliveryId } = reading.request;
    const target = { operation: 'createEvent', botId: caller.botId, type, deliveryId } as const;
    runWithFaults(sandbox, target, exchange, () =>
      createEvent(sandbox, caller, reading.request, headers, call),
    );
  });
}

function logCall(sandbox: Sandbox, { headers }: IncomingMessage, reading: RequestReading, at: number): Call {
  const call: Call = {
    at,
    botId: textOf(headers['x-bot-id']),
    integrationId: textOf(headers['x-integration-id']),
    type: reading.ok ? reading.request.type : null,
    deliveryId: (reading.ok && reading.request.deliveryId) || null,
    outcome: 'open',
    status: null,
    eventId: null,
    faultId: null,
  };
  sandbox.calls.add(call);
  sandbox.waits.notify();
  return call;
}

/** Checks the payload, commits the event if it fits, and returns the answer. */
function createEvent(
  sandbox: Sandbox,
  caller: Caller,
  request: EventRequest,
  headers: AnswerHeaders,
  call: Call,
): Answer {
  const refusal = sandbox.registry.refusalOf(caller.integrationId, request.type, request.payload);
  if (refusal) return refusalAnswer(refusal, sandbox.newId('err'), headers);
  const payload = toText(request.payload);
  if (payload === undefined) {
    const tooDeep = refuse('InvalidPayload', 'the payload is nested too deeply');
    return refusalAnswer(tooDeep, sandbox.newId('err'), headers);
  }
  const event = makeEvent(sandbox, caller, request, payload);
  sandbox.commit(event);
  call.eventId = event.id;
  return jsonAnswer(201, `{"event":${presentEvent(event, caller)}}`, headers);
}

/** JSON.parse takes any depth, JSON.stringify overflows the stack. */
function toText(payload: object): string | undefined {
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

function textOf(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) || null;
}
