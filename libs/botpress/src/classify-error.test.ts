import { expect, test } from 'vitest';
import { classifyError, type RawError } from './classify-error.ts';

const kindOf = (error: RawError) => classifyError(error, 0).kind;
const answered = (status: number): RawError => ({
  code: 'ERR_BAD_RESPONSE',
  response: { status, headers: {}, data: '<html></html>' },
});

test.each([400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 425, 429, 500, 501, 503, 521, 523, 525, 526])(
  '%i is refused: nothing was created',
  (status) => {
    expect(kindOf(answered(status))).toBe('refused');
  },
);

test.each([408, 502, 504, 520, 522, 524])('%i is ambiguous: a gateway lost its backend', (status) => {
  expect(classifyError(answered(status), 0)).toEqual({ kind: 'ambiguous', why: `answered ${status}` });
});

test.each([200, 201, 304])('%i that cannot be read is ambiguous, not refused', (status) => {
  expect(kindOf(answered(status))).toBe('ambiguous');
});

/** As Node makes it of a name with several addresses, all of which failed. */
const several = (...causes: object[]) => Object.assign(new AggregateError(causes), { code: 'ETIMEDOUT' });

test.each<[string, RawError, string]>([
  ['a connection that Linux gave up', { code: 'ETIMEDOUT', cause: { syscall: 'connect' } }, 'not_sent'],
  ['a reset of a connection being made', { code: 'ECONNRESET', cause: { syscall: 'connect' } }, 'not_sent'],
  ['a name server', { code: 'EAI_FAIL', cause: { syscall: 'getaddrinfo' } }, 'not_sent'],
  [
    'all addresses of a name',
    { code: 'ETIMEDOUT', cause: several({ syscall: 'connect' }, { syscall: 'connect' }) },
    'not_sent',
  ],
  [
    'errors of unknown origin',
    { code: 'ETIMEDOUT', cause: several({ syscall: 'connect' }, {}) },
    'ambiguous',
  ],
  ['no errors at all', { code: 'ETIMEDOUT', cause: several() }, 'ambiguous'],
  ['a reset while it was read', { code: 'ECONNRESET', cause: { syscall: 'read' } }, 'ambiguous'],
  ['a pipe broken while it was written', { code: 'EPIPE', cause: { syscall: 'write' } }, 'ambiguous'],
  ['a timeout', { code: 'ECONNABORTED' }, 'ambiguous'],
  [
    'a timeout over TLS',
    { code: 'ECONNABORTED', request: { socket: { secureConnecting: false } } },
    'ambiguous',
  ],
  ['a request without a socket', { code: 'ECONNABORTED', request: { socket: null } }, 'ambiguous'],
  ['nothing known', {}, 'ambiguous'],
])('%s: %j', (_name, error, kind) => {
  expect(kindOf(error)).toBe(kind);
});
