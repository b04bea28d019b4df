import type { Request, Response } from 'express';

const NAME = 'sluice_session';

/** Seconds; as long as a session lasts at most. */
const MAX_AGE = 43_200;

/** No script reads it, and no other site has it sent, not even by a link. */
const ALWAYS = 'HttpOnly; SameSite=Strict; Path=/';

/** Reads the id of a session; undefined if there is none. It may be of none that is open. */
export function readSessionId(request: Request): string | undefined {
  const cookies = request.headers.cookie?.split(';') ?? [];
  const own = cookies.map((cookie) => cookie.trim()).find((cookie) => cookie.startsWith(`${NAME}=`));
  return own?.slice(NAME.length + 1) || undefined;
}

/** Gives a browser the id; `Secure` where its page came by https, which a proxy in front may have ended. */
export function setSessionCookie(request: Request, response: Response, id: string): void {
  const secure = request.headers.origin?.startsWith('https:') ? '; Secure' : '';
  response.append('Set-Cookie', `${NAME}=${id}; ${ALWAYS}; Max-Age=${MAX_AGE}${secure}`);
}

export function clearSessionCookie(response: Response): void {
  response.append('Set-Cookie', `${NAME}=; ${ALWAYS}; Max-Age=0`);
}
