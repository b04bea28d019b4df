import type { ConsoleRole } from '@sluice/config';
import type { Request, RequestHandler } from 'express';
import { Problem } from './problem.ts';

/** The authenticated user of a request. */
export interface Principal {
  readonly name: string;
  readonly role: ConsoleRole;
}

/** Returns whether a user has the permissions of a role. Operators have those of viewers, too. */
export function hasRole({ role }: Principal, required: ConsoleRole): boolean {
  return role === 'operator' || required === 'viewer';
}

/** What the handlers of a request find out for its log line. */
interface RequestDetails {
  /** As declared, for example `/api/replays/:id`, without values from the request. */
  route?: string;
  user?: Principal;
}

const details = new WeakMap<Request, RequestDetails>();

/** Returns the mutable details of a request. */
export function detailsOf(request: Request): RequestDetails {
  const known = details.get(request);
  if (known) return known;
  const fresh: RequestDetails = {};
  details.set(request, fresh);
  return fresh;
}

/** Sets the route of requests for their log line. */
export function setRoute(route: string): RequestHandler {
  return (request, _response, next) => {
    detailsOf(request).route = route;
    next();
  };
}

/**
 * Rejects users without the role, and sets the route.
 *
 * @param route as declared, for the log line
 * @throws Problem `forbidden`
 */
export function requireRole(role: ConsoleRole, route: string): RequestHandler {
  return (request, _response, next) => {
    const fields = detailsOf(request);
    fields.route = route;
    if (!fields.user || !hasRole(fields.user, role)) throw roleMissing(role, fields.user);
    next();
  };
}

/** Returns the problem of a user without the role. */
export function roleMissing(role: ConsoleRole, user: Principal | undefined): Problem {
  const have = user ? ` ${user.name} is ${user.role}.` : '';
  return new Problem('forbidden', `Requires the role ${role}.${have}`);
}
