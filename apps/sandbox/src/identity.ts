import type { IncomingHttpHeaders } from 'node:http';
import { type Refusal, refuse } from './api-error.ts';

/** Who calls: a bot, or with `integrationId` an integration that is installed on it. */
export interface Caller {
  readonly botId: string;
  readonly token: string;
  readonly integrationId: string | undefined;
  readonly integrationAlias: string | undefined;
}

export type Identification =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly refusal: Refusal };

const BEARER = /^Bearer +(\S+)$/i;

/** Reads who calls from the headers; whether the token is right is the bots' matter. */
export function identify(headers: IncomingHttpHeaders): Identification {
  const token = BEARER.exec(headers.authorization ?? '')?.[1];
  if (!token) return { ok: false, refusal: refuse('Unauthorized', 'a bearer token is required') };
  const botId = header(headers, 'x-bot-id');
  if (!botId) {
    return { ok: false, refusal: refuse('InvalidPayload', 'the header x-bot-id is required') };
  }
  return {
    ok: true,
    caller: {
      botId,
      token,
      integrationId: header(headers, 'x-integration-id'),
      integrationAlias: header(headers, 'x-integration-alias'),
    },
  };
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) || undefined;
}
