import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Call } from './call-log.ts';
import type { Clock, NewId } from './clock-and-ids.ts';
import type { Disruption, FaultPlan, Faults, FaultTarget, HeldResponses } from './faults.ts';
import type { Modes } from './modes.ts';
import { httpDate } from './rate-limits.ts';
import {
  type ApiResponse,
  apiError,
  errorResponse,
  jsonResponse,
  type ResponseHeaders,
  rateLimitedResponse,
  sendResponse,
} from './responses.ts';

/** One request, and the ways in which it can end. */
export interface Exchange {
  respond(response: ApiResponse): void;
  /** Sends a TCP RST. A FIN would look like an orderly end to the caller. */
  reset(): void;
  /** Never responds. */
  hang(): void;
  /** Adds the response to `held`, which sends it on release. */
  hold(response: ApiResponse, held: HeldResponses): void;
  /** Records the fault that applies to the call. */
  recordFault(faultId: string): void;
}

/** Creates the exchange of one request. `call` is its entry in the call log, if the operation is logged. */
export function openExchange(serverResponse: ServerResponse, call?: Call): Exchange {
  function record(outcome: Call['outcome'], status: number | null): void {
    if (!call) return;
    call.outcome = outcome;
    call.status = status;
  }
  function respond(response: ApiResponse): void {
    record('answered', response.status);
    sendResponse(serverResponse, response);
  }
  return {
    respond,
    reset() {
      record('reset', null);
      serverResponse.socket?.resetAndDestroy();
    },
    hang: () => record('hung', null),
    hold(response, held) {
      record('held', null);
      const send = () => respond(response);
      held.add(send);
      serverResponse.once('close', () => held.delete(send));
    },
    recordFault(faultId) {
      if (call) call.faultId = faultId;
    },
  };
}

interface Dependencies {
  readonly modes: Modes;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly newId: NewId;
}

type ActiveDisruption = NonNullable<FaultPlan['disruption']>;

/**
 * Runs one call with the faults that apply to it: delay, disruption before the commit, `perform`, delay,
 * disruption after the commit, response.
 *
 * @param perform commits the call and returns its regular response. It runs even if the caller has
 *   disconnected, as on any server that has read the whole request.
 */
export function runWithFaults(
  dependencies: Dependencies,
  target: FaultTarget,
  exchange: Exchange,
  perform: () => ApiResponse,
): void {
  const { clock, faults } = dependencies;
  const { delayBefore, delayAfter, disruption } = faults.plan(target);
  if (disruption) exchange.recordFault(disruption.faultId);
  runAfter(clock, delayBefore, () => {
    if (disruption && applyBeforeCommit(dependencies, disruption, exchange)) return;
    const response = perform();
    runAfter(clock, delayAfter, () => {
      if (disruption) applyAfterCommit(disruption, exchange, response);
      else exchange.respond(response);
    });
  });
}

function runAfter(clock: Clock, ms: number, task: () => void): void {
  if (ms === 0) task();
  else clock.schedule(ms, task);
}

/** Returns whether the call ends here, without a commit. */
function applyBeforeCommit(
  { clock, newId, modes }: Dependencies,
  { fault }: ActiveDisruption,
  exchange: Exchange,
): boolean {
  switch (fault.kind) {
    case 'rate-limited':
    case 'error':
    case 'status':
    case 'html':
      exchange.respond(faultResponse(fault, newId('err'), clock.now(), modes));
      return true;
    case 'reset':
      if (fault.when === 'before') exchange.reset();
      return fault.when === 'before';
    case 'hang':
      if (fault.when === 'before') exchange.hang();
      return fault.when === 'before';
    case 'hold':
      return false;
  }
}

function applyAfterCommit(
  { fault, held }: ActiveDisruption,
  exchange: Exchange,
  response: ApiResponse,
): void {
  switch (fault.kind) {
    case 'reset':
      exchange.reset();
      break;
    case 'hang':
      exchange.hang();
      break;
    case 'hold':
      exchange.hold(response, held);
      break;
    case 'rate-limited':
    case 'error':
    case 'status':
    case 'html':
      // Unreachable: these end the call before the commit.
      exchange.respond(response);
  }
}

type RespondingFault = Extract<Disruption, { kind: 'rate-limited' | 'error' | 'status' | 'html' }>;

/**
 * Returns the response of a fault.
 *
 * @param errorId error id, for responses in Botpress' format
 * @param now milliseconds since the epoch, for a Retry-After that is a date
 */
function faultResponse(fault: RespondingFault, errorId: string, now: number, modes: Modes): ApiResponse {
  switch (fault.kind) {
    case 'rate-limited':
      return rateLimitedResponse(modes.get('rateLimitBody'), errorId, retryAfter(fault, now));
    case 'error':
      return errorResponse(apiError(fault.error, fault.message), errorId, retryAfter(fault, now));
    case 'status':
      // A gateway's format, not Botpress': the client cannot read an error type from it.
      return jsonResponse(
        fault.status,
        JSON.stringify({ message: reasonPhrase(fault.status) }),
        retryAfter(fault, now),
      );
    case 'html':
      return { status: fault.status, headers: { 'content-type': 'text/html' }, body: htmlPage(fault.status) };
  }
}

function retryAfter(
  fault: { readonly retryAfterSeconds: number | null; readonly retryAfterAs: 'seconds' | 'date' },
  now: number,
): ResponseHeaders {
  if (fault.retryAfterSeconds === null) return {};
  if (fault.retryAfterAs === 'seconds') return { 'Retry-After': String(fault.retryAfterSeconds) };
  return { 'Retry-After': httpDate(now, fault.retryAfterSeconds) };
}

function reasonPhrase(status: number): string {
  return STATUS_CODES[status] ?? 'Error';
}

function htmlPage(status: number): string {
  const title = `${status} ${reasonPhrase(status)}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`;
}
