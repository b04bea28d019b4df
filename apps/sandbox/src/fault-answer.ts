import { STATUS_CODES } from 'node:http';
import { type Answer, type AnswerHeaders, jsonAnswer, refusalAnswer } from './answer.ts';
import { refuse } from './api-error.ts';
import type { Disruption } from './fault.ts';

type AnsweringFault = Extract<Disruption, { kind: 'rate-limited' | 'error' | 'status' | 'html' }>;

/**
 * The answer that a fault gives in the place of the right one.
 *
 * @param errorId the id of the error, for those that have Botpress' shape
 * @param now milliseconds since the epoch, for a Retry-After that is a date
 */
export function faultAnswer(fault: AnsweringFault, errorId: string, now: number): Answer {
  switch (fault.kind) {
    case 'rate-limited':
      return refusalAnswer(refuse('RateLimited'), errorId, retryAfter(fault, now));
    case 'error':
      return refusalAnswer(refuse(fault.error, fault.message), errorId, retryAfter(fault, now));
    case 'status':
      // The shape of a gateway, not of Botpress: the client cannot tell its type.
      return jsonAnswer(
        fault.status,
        JSON.stringify({ message: nameOf(fault.status) }),
        retryAfter(fault, now),
      );
    case 'html':
      return { status: fault.status, headers: { 'content-type': 'text/html' }, body: htmlPage(fault.status) };
  }
}

function retryAfter(
  fault: { readonly retryAfterSeconds: number | null; readonly retryAfterAs: 'seconds' | 'date' },
  now: number,
): AnswerHeaders {
  if (fault.retryAfterSeconds === null) return {};
  if (fault.retryAfterAs === 'seconds') return { 'Retry-After': String(fault.retryAfterSeconds) };
  // An HTTP-date has whole seconds; rounding up keeps it from being earlier than was asked for.
  const seconds = Math.ceil(now / 1000) + fault.retryAfterSeconds;
  return { 'Retry-After': new Date(seconds * 1000).toUTCString() };
}

function nameOf(status: number): string {
  return STATUS_CODES[status] ?? 'Error';
}

function htmlPage(status: number): string {
  const title = `${status} ${nameOf(status)}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`;
}
