import type { Request } from 'express';
import type { Principal } from './principal.ts';

/** What is found out about a request on its way, for its log line. */
interface Notes {
  /** As it is declared, e.g. `/api/replays/:id`: what a request says itself is not told. */
  route?: string;
  who?: Principal;
}

const notes = new WeakMap<Request, Notes>();

/** The notes of a request, to be read and written. */
export function notesOf(request: Request): Notes {
  const known = notes.get(request);
  if (known) return known;
  const fresh: Notes = {};
  notes.set(request, fresh);
  return fresh;
}
