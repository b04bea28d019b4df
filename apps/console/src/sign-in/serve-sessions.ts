import type { Logger } from '@sluice/observability';
import type { AuditLog } from '@sluice/queue';
import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { parseInput } from '../api/parse-input.ts';
import type { KnownTokens } from '../guards/known-tokens.ts';
import { needOrigin } from '../guards/origin.ts';
import type { FailedSignIns } from '../guards/rate-limits.ts';
import { readJson } from '../guards/read-json.ts';
import type { Principal } from '../principal.ts';
import { Problem } from '../problem.ts';
import { isRedisAway } from '../redis-away.ts';
import { notesOf } from '../request-notes.ts';
import { clearSessionCookie, readSessionId, setSessionCookie } from './session-cookie.ts';
import type { Sessions } from './sessions.ts';

export const signInBody = z.strictObject({ token: z.string().min(1).max(4_096) });

export interface SessionsOptions {
  /** Undefined: nobody needs to sign in. */
  readonly tokens: KnownTokens | undefined;
  readonly failures: FailedSignIns;
  readonly sessions: Sessions;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Bytes of a body. */
const LIMIT = 8_192;

/** Serves `/session`: the page turns a token into a cookie, and ends that. The only operations that nobody has to be signed in for. */
export function serveSessions(options: SessionsOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use('/session', (request, _response, next) => {
    notesOf(request).route = '/api/session';
    next();
  });
  router.post('/session', readJson(LIMIT), signIn(options));
  router.delete('/session', signOut(options));
  return router;
}

function signIn({ tokens, failures, sessions, audit, logger }: SessionsOptions): RequestHandler {
  return async (request, response) => {
    if (!tokens) throw new Problem('conflict', 'there are no tokens here, so nobody signs in');
    const raw = { params: {}, query: request.query, body: request.body as unknown };
    const { token } = parseInput({ body: signInBody }, { ...raw, lines: NO_LINES }).body;
    await failures.refuseMany(request);
    const who = tokens.find(token);
    if (!who) {
      await failures.count(request, response);
      throw new Problem('unauthenticated', 'the token is none of those in SLUICE_CONSOLE_TOKENS');
    }
    notesOf(request).who = who;
    await leaveLine(who, audit, logger);
    const before = readSessionId(request);
    if (before !== undefined) sessions.end(before);
    setSessionCookie(request, response, sessions.open(who));
    response.json({ name: who.name, role: who.role });
  };
}

/** Without Redis nothing can be seen or changed, but that may be what somebody signs in to find out. */
async function leaveLine(
  who: Principal,
  audit: SessionsOptions['audit'],
  logger: SessionsOptions['logger'],
): Promise<void> {
  try {
    await audit.append({ action: 'sign-in', who: who.name, reason: '' });
  } catch (error) {
    if (!isRedisAway(error)) throw error;
    logger.warn({ who: who.name }, 'console.audit_failed');
  }
}

function signOut({ sessions }: SessionsOptions): RequestHandler {
  return (request, response) => {
    const id = readSessionId(request);
    if (id !== undefined) {
      needOrigin(request);
      sessions.end(id);
    }
    clearSessionCookie(response);
    response.status(204).end();
  };
}

async function* none(): AsyncGenerator<string> {}
const NO_LINES = none();
