import { createHash, randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Principal } from '../http/request-details.ts';

/** Milliseconds until a session ends, in total and without a request. */
const MAX_AGE = 12 * 3_600_000;
const MAX_IDLE = 2 * 3_600_000;

/** With more sessions, the oldest one ends. */
const MAX_SESSIONS = 1_000;

interface Session {
  readonly user: Principal;
  readonly openedAt: number;
  readonly usedAt: number;
}

/** The sessions of browsers, kept in memory as digests of their ids. A restart ends them. */
export class Sessions {
  readonly #now: () => number;
  /** By the digest of the id, oldest first. */
  readonly #open = new Map<string, Session>();

  /** @param now clock in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Opens a session and returns its id. */
  open(user: Principal): string {
    const id = randomBytes(32).toString('base64url');
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size >= MAX_SESSIONS) this.#open.delete(oldest);
    const at = this.#now();
    this.#open.set(digestOf(id), { user, openedAt: at, usedAt: at });
    return id;
  }

  /** Returns the user of an open session and restarts its idle time. */
  find(id: string): Principal | undefined {
    const digest = digestOf(id);
    const session = this.#open.get(digest);
    if (!session) return undefined;
    const at = this.#now();
    if (at - session.openedAt >= MAX_AGE || at - session.usedAt >= MAX_IDLE) {
      this.#open.delete(digest);
      return undefined;
    }
    this.#open.set(digest, { ...session, usedAt: at });
    return session.user;
  }

  end(id: string): void {
    this.#open.delete(digestOf(id));
  }
}

const digestOf = (id: string): string => createHash('sha256').update(id).digest('base64url');

const COOKIE = 'sluice_session';

/** Scripts cannot read the cookie, and no other site can cause a browser to send it, not even with a link. */
const ATTRIBUTES = 'HttpOnly; SameSite=Strict; Path=/';

/** Returns the session id of a request, which may have ended, or undefined without a cookie. */
export function readSessionId(request: Request): string | undefined {
  const cookies = request.headers.cookie?.split(';') ?? [];
  const session = cookies.map((cookie) => cookie.trim()).find((cookie) => cookie.startsWith(`${COOKIE}=`));
  return session?.slice(COOKIE.length + 1) || undefined;
}

/** Sets the session cookie. It is `Secure` if the page uses HTTPS, which a reverse proxy may have terminated. */
export function setSessionCookie(request: Request, response: Response, id: string): void {
  const secure = request.headers.origin?.startsWith('https:') ? '; Secure' : '';
  response.append('Set-Cookie', `${COOKIE}=${id}; ${ATTRIBUTES}; Max-Age=${MAX_AGE / 1_000}${secure}`);
}

export function clearSessionCookie(response: Response): void {
  response.append('Set-Cookie', `${COOKIE}=; ${ATTRIBUTES}; Max-Age=0`);
}
