import type { RawError } from './classify-error.ts';

/** Errors that come before the first byte of the request is written. */
const NEVER_LEFT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_INVALID_URL',
  // Without an answer it is axios' own: a protocol that it does not know, a body that is too large.
  'ERR_BAD_REQUEST',
]);

/**
 * Tells whether a call failed before the first byte of its request left. Whatever cannot be proved did leave:
 * a reset of a kept-alive connection, and over plain http a connection that hangs (Node does not tell a socket
 * that was destroyed while connecting from one that was connected; `bytesWritten` counts what still waits).
 */
export function hasNeverLeft({ code, request, cause, hasBegun }: RawError): boolean {
  if (hasBegun !== undefined) return !hasBegun;
  if (code !== undefined && NEVER_LEFT.has(code)) return true;
  // Nothing is sent over TLS before its handshake is done, and the flag outlives the socket (measured): a
  // connection that is swallowed, a handshake that hangs, breaks off, or ends with a certificate not accepted.
  if (request?.socket?.secureConnecting === true) return true;
  return isOfConnecting(cause);
}

/** What failed is told by the cause alone: axios copies its code, but not its system call (measured). */
function isOfConnecting(cause: unknown): boolean {
  if (typeof cause !== 'object' || cause === null) return false;
  const { syscall, errors } = cause as { readonly syscall?: unknown; readonly errors?: unknown };
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true;
  // Where a name has several addresses, Node tries one after the other, and all of them failed.
  return Array.isArray(errors) && errors.length > 0 && errors.every(isOfConnecting);
}
