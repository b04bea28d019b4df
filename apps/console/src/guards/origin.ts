import type { Request, RequestHandler } from 'express';
import { Problem } from '../problem.ts';

/** Addresses that mean this machine, as a Host header names them. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Refuses what a page of another site lets a browser send: by the browser's own word for it, and by the Origin. A
 * proxy in front has to pass the Host on.
 */
export function refuseCrossSite(): RequestHandler {
  return (request, _response, next) => {
    const site = request.headers['sec-fetch-site'];
    const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
    const { origin, host } = request.headers;
    if (isForeign || (origin !== undefined && hostOf(origin) !== host?.toLowerCase())) {
      throw new Problem('cross_site', 'it came from a page that is not the console’s own');
    }
    next();
  };
}

/**
 * Throws a Problem for a change that comes with a cookie and without an Origin, which every browser sends along with one.
 * Whether it is the console's own has been looked at.
 */
export function needOrigin({ method, headers }: Request): void {
  const isRead = method === 'GET' || method === 'HEAD';
  if (isRead || headers.origin !== undefined) return;
  throw new Problem('cross_site', 'with the cookie of a session, what changes something needs an Origin');
}

/**
 * Where there are no tokens, takes only requests to a name of this machine: a name that somebody else owns may lead
 * here too (DNS rebinding), and then a page of theirs would be "same-origin".
 */
export function requireLoopbackHost(): RequestHandler {
  return (request, _response, next) => {
    if (LOOPBACK.test(request.headers.host ?? '')) return next();
    throw new Problem('forbidden', 'without tokens, call the console localhost or 127.0.0.1');
  };
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
