import type { ServerResponse } from 'node:http';
import { API_ERRORS, type Refusal } from './api-error.ts';

export type AnswerHeaders = Readonly<Record<string, string>>;

/** What a call gets, before any fault has had its way with it. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Makes an answer of JSON text. */
export function jsonAnswer(status: number, json: string, headers: AnswerHeaders = {}): Answer {
  return { status, headers: { ...headers, 'content-type': JSON_TYPE }, body: json };
}

/** Makes the answer that the client turns into the error class of that type. `id` is the error's own. */
export function refusalAnswer(refusal: Refusal, id: string, headers: AnswerHeaders = {}): Answer {
  const { code } = API_ERRORS[refusal.error];
  const body = { id, code, type: refusal.error, message: refusal.message, metadata: {} };
  return jsonAnswer(code, JSON.stringify(body), headers);
}

/** Writes an answer. Does nothing when the caller has gone. */
export function sendAnswer(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
  response.end(answer.body);
}
