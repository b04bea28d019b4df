import { expect, test } from 'vitest';
import { classifyError } from './classify-error.ts';
import type { RawError } from './transport.ts';

const kindOf = (error: RawError) => classifyError(error, 0).kind;
const answered = (status: number): RawError => ({
  code: 'ERR_BAD_RESPONSE',
  response: { status, headers: {}, data: '<html></html>' },
});

test.each([400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 425, 429, 500, 501, 503, 521, 523, 525, 526])(
  'status %i is refused: nothing was created',
  (status) => {
    expect(kindOf(answered(status))).toBe('refused');
  },
);

test.each([408, 502, 504, 520, 522, 524])('status %i is ambiguous: a gateway lost its backend', (status) => {
  expect(classifyError(answered(status), 0)).toEqual({ kind: 'ambiguous', reason: `answered ${status}` });
});

test.each([200, 201, 304])('an unreadable response with status %i is ambiguous, not refused', (status) => {
  expect(kindOf(answered(status))).toBe('ambiguous');
});

/** Node's error for a name with several addresses, all of which failed. */
const aggregateOf = (...causes: object[]) => Object.assign(new AggregateError(causes), { code: 'ETIMEDOUT' });

test.each<[string, RawError, string]>([
  ['a connect that timed out in Linux', { code: 'ETIMEDOUT', cause: { syscall: 'connect' } }, 'not_sent'],
  ['a reset while connecting', { code: 'ECONNRESET', cause: { syscall: 'connect' } }, 'not_sent'],
  ['a failed name lookup', { code: 'EAI_FAIL', cause: { syscall: 'getaddrinfo' } }, 'not_sent'],
  [
    'a connect that failed for all addresses of a name',
    { code: 'ETIMEDOUT', cause: aggregateOf({ syscall: 'connect' }, { syscall: 'connect' }) },
    'not_sent',
  ],
  [
    'an aggregate with an error of unknown origin',
    { code: 'ETIMEDOUT', cause: aggregateOf({ syscall: 'connect' }, {}) },
    'ambiguous',
  ],
  ['an aggregate without errors', { code: 'ETIMEDOUT', cause: aggregateOf() }, 'ambiguous'],
  ['a reset while reading', { code: 'ECONNRESET', cause: { syscall: 'read' } }, 'ambiguous'],
  ['a broken pipe while writing', { code: 'EPIPE', cause: { syscall: 'write' } }, 'ambiguous'],
  ['a timeout', { code: 'ECONNABORTED' }, 'ambiguous'],
  [
    'a timeout after the TLS handshake',
    { code: 'ECONNABORTED', request: { socket: { secureConnecting: false } } },
    'ambiguous',
  ],
  ['a request without a socket', { code: 'ECONNABORTED', request: { socket: null } }, 'ambiguous'],
  ['an error without a code', {}, 'ambiguous'],
])('%s (%j) is %s', (_name, error, kind) => {
  expect(kindOf(error)).toBe(kind);
});
