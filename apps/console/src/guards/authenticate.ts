import type { ConsoleRole } from '@sluice/config';
import type { RequestHandler } from 'express';
import { mayAct } from '../principal.ts';
import { Problem } from '../problem.ts';
import { notesOf } from '../request-notes.ts';
import type { KnownTokens } from './known-tokens.ts';
import type { FailedSignIns } from './rate-limits.ts';

/** Where there are no tokens: whoever reaches a console on loopback. */
const LOCAL = { name: 'local', role: 'operator' } as const;

/** Bytes of RFC 6750's token, and whatever else can stand in a header. */
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/** Finds out who asks, by their bearer token; nobody gets on without. */
export function authenticate(tokens: KnownTokens | undefined, failures: FailedSignIns): RequestHandler {
  return async (request, response, next) => {
    if (tokens === undefined) {
      notesOf(request).who = LOCAL;
      return next();
    }
    await failures.refuseMany(request);
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const who = token === undefined ? undefined : tokens.find(token);
    if (!who) {
      await failures.count(request, response);
      throw unauthenticated(token !== undefined);
    }
    notesOf(request).who = who;
    next();
  };
}

function unauthenticated(hasToken: boolean): Problem {
  const detail = hasToken
    ? 'the token is none of those in SLUICE_CONSOLE_TOKENS'
    : 'send a token: Authorization: Bearer …';
  const challenge = `Bearer realm="sluice"${hasToken ? ', error="invalid_token"' : ''}`;
  return new Problem('unauthenticated', detail, { headers: { 'WWW-Authenticate': challenge } });
}

/**
 * Lets only those on whose role is enough.
 *
 * @param route as it is declared, for the log line
 */
export function requireRole(role: ConsoleRole, route: string): RequestHandler {
  return (request, _response, next) => {
    const notes = notesOf(request);
    notes.route = route;
    if (!notes.who || !mayAct(notes.who, role)) {
      throw new Problem('forbidden', `it needs the role ${role}; ${notes.who?.name} is ${notes.who?.role}`);
    }
    next();
  };
}
