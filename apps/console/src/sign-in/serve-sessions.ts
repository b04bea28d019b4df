import type { Logger } from '@sluice/observability';
import type { AuditLog } from '@sluice/queue';
import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { NO_FIELDS, type OperationDescription } from '../api/operation.ts';
import { readJson } from '../guards/body.ts';
import { requireOrigin } from '../guards/cross-site.ts';
import { parseInput } from '../http/input.ts';
import { isRedisUnavailable, Problem } from '../http/problem.ts';
import { detailsOf, type Principal, setRoute } from '../http/request-details.ts';
import { userSchema } from '../schemas/common.ts';
import { type Authentication, INVALID_TOKEN } from './authenticate.ts';
import { clearSessionCookie, readSessionId, setSessionCookie } from './sessions.ts';

const signInBody = z.strictObject({ token: z.string().min(1).max(4_096) });

const shared = { path: '/session', role: undefined, params: NO_FIELDS, query: NO_FIELDS, lines: undefined };

/** Sign-in and sign-out, the only operations without authentication. */
export const sessionOperations: readonly OperationDescription[] = [
  {
    ...shared,
    id: 'signIn',
    method: 'post',
    summary: 'Exchange a token for a session cookie',
    description: 'The session ends after 12 hours, or after 2 hours without a request.',
    body: signInBody,
    response: {
      status: 200,
      headers: { 'Set-Cookie': 'Cookie `sluice_session`.' },
      content: { mediaType: 'application/json', schema: userSchema },
    },
    problems: [400, 401, 403, 409, 413, 415, 429, 500],
  },
  {
    ...shared,
    id: 'signOut',
    method: 'delete',
    summary: 'End the session of the cookie, if any',
    body: undefined,
    response: { status: 204 },
    problems: [403, 429, 500],
  },
];

export interface SessionsOptions extends Authentication {
  readonly audit: Pick<AuditLog, 'append'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Bytes of a body. */
const LIMIT = 8_192;

/** Serves `/session`. */
export function serveSessions(options: SessionsOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use('/session', setRoute('/api/session'));
  router.post('/session', readJson(LIMIT), signIn(options));
  router.delete('/session', signOut(options));
  return router;
}

function signIn({ tokens, failures, sessions, audit, logger }: SessionsOptions): RequestHandler {
  return async (request, response) => {
    if (!tokens) throw new Problem('conflict', 'This console has no tokens. Use it without signing in.');
    const raw = { params: {}, query: request.query, body: request.body as unknown };
    const { token } = parseInput({ body: signInBody }, raw).body;
    await failures.rejectAboveLimit(request);
    const user = tokens.find(token);
    if (!user) {
      await failures.count(request, response);
      throw new Problem('unauthenticated', INVALID_TOKEN);
    }
    detailsOf(request).user = user;
    await recordSignIn(user, audit, logger);
    const previous = readSessionId(request);
    if (previous !== undefined) sessions.end(previous);
    setSessionCookie(request, response, sessions.open(user));
    response.json({ name: user.name, role: user.role });
  };
}

/** Succeeds without Redis, so that an operator can sign in and see that it is unavailable. */
async function recordSignIn(
  user: Principal,
  audit: SessionsOptions['audit'],
  logger: SessionsOptions['logger'],
): Promise<void> {
  try {
    await audit.append({ action: 'sign-in', who: user.name, reason: '' });
  } catch (error) {
    if (!isRedisUnavailable(error)) throw error;
    logger.warn({ who: user.name }, 'sign_in.audit_failed');
  }
}

function signOut({ sessions }: SessionsOptions): RequestHandler {
  return (request, response) => {
    const id = readSessionId(request);
    if (id !== undefined) {
      requireOrigin(request);
      sessions.end(id);
    }
    clearSessionCookie(response);
    response.status(204).end();
  };
}
