import { createHash, timingSafeEqual } from 'node:crypto';
import type { ConsoleToken } from '@sluice/config';
import type { Request, RequestHandler, Response } from 'express';
import { requireOrigin } from '../guards/cross-site.ts';
import type { FailedSignIns } from '../guards/rate-limits.ts';
import { Problem } from '../http/problem.ts';
import { detailsOf, type Principal } from '../http/request-details.ts';
import { readSessionId, type Sessions } from './sessions.ts';

/** The user of a console without tokens, which listens on loopback only. */
const LOCAL = { name: 'local', role: 'operator' } as const;

/** The token syntax of RFC 6750, and every other character that a header may have. */
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

export interface Authentication {
  /** Undefined for a console without tokens. */
  readonly tokens: KnownTokens | undefined;
  readonly failures: FailedSignIns;
  readonly sessions: Sessions;
}

/**
 * Authenticates requests by bearer token, or else by session cookie. Only wrong tokens count as failed sign-ins: a
 * request without a token guesses nothing, and session ids have 256 bits.
 *
 * @throws Problem `unauthenticated`
 */
export function authenticate(authentication: Authentication): RequestHandler {
  return async (request, response, next) => {
    detailsOf(request).user = await findUser(authentication, request, response);
    next();
  };
}

async function findUser(
  { tokens, failures, sessions }: Authentication,
  request: Request,
  response: Response,
): Promise<Principal> {
  if (!tokens) return LOCAL;
  const { authorization } = request.headers;
  if (authorization === undefined) return findUserByCookie(sessions, request);
  await failures.rejectAboveLimit(request);
  const token = BEARER.exec(authorization)?.[1];
  const user = token === undefined ? undefined : tokens.find(token);
  if (user) return user;
  await failures.count(request, response);
  throw unauthenticated(token === undefined ? 'nothing' : 'token');
}

function findUserByCookie(sessions: Sessions, request: Request): Principal {
  const id = readSessionId(request);
  if (id === undefined) throw unauthenticated('nothing');
  const user = sessions.find(id);
  if (!user) throw unauthenticated('cookie');
  requireOrigin(request);
  return user;
}

export const INVALID_TOKEN = 'Invalid token. Use a token of SLUICE_CONSOLE_TOKENS.';

const DETAILS = {
  nothing: 'Send a token in the header Authorization: Bearer <token>.',
  token: INVALID_TOKEN,
  cookie: 'The session has ended. Sign in again.',
};

function unauthenticated(sent: keyof typeof DETAILS): Problem {
  const challenge = `Bearer realm="sluice"${sent === 'token' ? ', error="invalid_token"' : ''}`;
  return new Problem('unauthenticated', DETAILS[sent], { headers: { 'WWW-Authenticate': challenge } });
}

/** The configured tokens, kept as digests. */
export class KnownTokens {
  readonly #known: readonly { readonly digest: Buffer; readonly user: Principal }[];

  constructor(tokens: readonly ConsoleToken[]) {
    this.#known = tokens.map(({ name, role, token }) => ({
      digest: digestOf(token.reveal()),
      user: { name, role },
    }));
  }

  /** Returns the user of a token. Compares with every token, so that the duration reveals nothing. */
  find(token: string): Principal | undefined {
    const digest = digestOf(token);
    let found: Principal | undefined;
    for (const known of this.#known) {
      const isEqual = timingSafeEqual(known.digest, digest);
      found = isEqual ? known.user : found;
    }
    return found;
  }
}

/** Digests have equal lengths, as timingSafeEqual requires. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
