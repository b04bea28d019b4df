import type { ConsoleRole } from '@sluice/config';
import type { Request, RequestHandler, Response } from 'express';
import { mayAct, type Principal } from '../principal.ts';
import { Problem } from '../problem.ts';
import { notesOf } from '../request-notes.ts';
import { readSessionId } from '../sign-in/session-cookie.ts';
import type { Sessions } from '../sign-in/sessions.ts';
import type { KnownTokens } from './known-tokens.ts';
import { needOrigin } from './origin.ts';
import type { FailedSignIns } from './rate-limits.ts';

/** Where there are no tokens: whoever reaches a console on loopback. */
const LOCAL = { name: 'local', role: 'operator' } as const;

/** Bytes of RFC 6750's token, and whatever else can stand in a header. */
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

export interface SignInMeans {
  /** Undefined: everybody is operator. */
  readonly tokens: KnownTokens | undefined;
  readonly failures: FailedSignIns;
  readonly sessions: Sessions;
}

/**
 * Finds out who asks, by their bearer token, else by the cookie that the page has; nobody gets on without. Only tokens
 * count as tried: who has sent nothing has guessed nothing, and ids of sessions have 256 bits.
 */
export function authenticate(means: SignInMeans): RequestHandler {
  return async (request, response, next) => {
    notesOf(request).who = await findOut(means, request, response);
    next();
  };
}

async function findOut(
  { tokens, failures, sessions }: SignInMeans,
  request: Request,
  response: Response,
): Promise<Principal> {
  if (!tokens) return LOCAL;
  const { authorization } = request.headers;
  if (authorization === undefined) return byCookie(sessions, request);
  await failures.refuseMany(request);
  const token = BEARER.exec(authorization)?.[1];
  const who = token === undefined ? undefined : tokens.find(token);
  if (who) return who;
  await failures.count(request, response);
  throw unauthenticated(token === undefined ? 'nothing' : 'token');
}

function byCookie(sessions: Sessions, request: Request): Principal {
  const id = readSessionId(request);
  if (id === undefined) throw unauthenticated('nothing');
  const who = sessions.find(id);
  if (!who) throw unauthenticated('cookie');
  needOrigin(request);
  return who;
}

const DETAILS = {
  nothing: 'send a token: Authorization: Bearer …',
  token: 'the token is none of those in SLUICE_CONSOLE_TOKENS',
  cookie: 'the session has ended: sign in again',
};

function unauthenticated(sent: keyof typeof DETAILS): Problem {
  const challenge = `Bearer realm="sluice"${sent === 'token' ? ', error="invalid_token"' : ''}`;
  return new Problem('unauthenticated', DETAILS[sent], { headers: { 'WWW-Authenticate': challenge } });
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
