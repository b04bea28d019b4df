import type { Request, RequestHandler } from 'express';
import { Problem } from '../http/problem.ts';

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Sets the security headers of every response: no caching, sniffing, framing or scripts. */
export function securityHeaders(): RequestHandler {
  return (_request, response, next) => {
    response.set(HEADERS);
    next();
  };
}

/** Host headers that name this machine. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Rejects requests from pages of other sites, by Sec-Fetch-Site and Origin. A reverse proxy must pass the Host header
 * unchanged.
 */
export function rejectCrossSite(): RequestHandler {
  return (request, _response, next) => {
    const site = request.headers['sec-fetch-site'];
    const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
    const { origin, host } = request.headers;
    if (isForeign || (origin !== undefined && hostOf(origin) !== host?.toLowerCase())) {
      throw new Problem('cross_site', 'Request from a page of another site. Use the page of the console.');
    }
    next();
  };
}

/**
 * Rejects a change by session cookie without an Origin header, which every browser sends with a change.
 * `rejectCrossSite` has checked the origin before.
 *
 * @throws Problem `cross_site`
 */
export function requireOrigin({ method, headers }: Request): void {
  const isRead = method === 'GET' || method === 'HEAD';
  if (isRead || headers.origin !== undefined) return;
  throw new Problem('cross_site', 'A change by session cookie requires an Origin header.');
}

/**
 * Rejects requests to host names other than those of this machine, for a console without tokens. A foreign name may
 * resolve to this address (DNS rebinding), and its page would count as same-origin.
 */
export function requireLoopbackHost(): RequestHandler {
  return (request, _response, next) => {
    if (LOOPBACK.test(request.headers.host ?? '')) return next();
    throw new Problem('forbidden', 'A console without tokens is available at localhost or 127.0.0.1 only.');
  };
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
