import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { inspect } from 'node:util';
import { Client } from '@botpress/client';
import { buildClient2, freePort } from '@sluice/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { EventSender } from './event-sender.ts';
import { bothMajors, type ClientClass, ofAnotherShape } from './test-support/clients.ts';
import { SELF_SIGNED } from './test-support/self-signed.ts';

/**
 * One table of what can happen to a createEvent call, for both majors of the client and both transports of each: undici,
 * and the client's own (axios, fetch), which is used if the client has another shape than expected.
 */

const TOKEN = 'canary-token-3f9a';
/** Milliseconds: timeouts of calls that are meant to time out, and of all others. */
const SHORT = 400;
const LONG = 10_000;

type Transport = '1.x undici' | '1.x axios' | '2.x undici' | '2.x fetch';
const Client2 = bothMajors(await buildClient2()).get('2.x');
const transports = new Map<Transport, ClientClass | undefined>([
  ['1.x undici', Client],
  ['1.x axios', ofAnotherShape(Client)],
  ['2.x undici', Client2],
  ['2.x fetch', Client2 && ofAnotherShape(Client2)],
]);

const servers: Server[] = [];
const sockets = new Set<Socket>();
let requests = 0;

afterEach(() => {
  vi.unstubAllEnvs();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) server.close();
  requests = 0;
});

/** Starts a server and returns its port. */
async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Responds when the whole request has arrived. */
const http = (respond: RequestListener) => async () => {
  const server = createServer((request, response) => {
    requests += 1;
    request.resume().once('end', () => respond(request, response));
  });
  return `http://127.0.0.1:${await listen(server)}`;
};

const respond = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  http((_request, response) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  });

/** Acts on the first bytes of a request. */
const bytes = (act: (socket: Socket) => void) => async () => {
  const server = createTcpServer((socket) =>
    socket.once('data', () => {
      requests += 1;
      act(socket);
    }),
  );
  return `http://127.0.0.1:${await listen(server)}`;
};

/** Acts on a new connection, on which the client begins a TLS handshake. */
const handshake = (act: (socket: Socket) => void) => async () =>
  `https://127.0.0.1:${await listen(createTcpServer((socket) => socket.once('data', () => act(socket))))}`;

/** Accepts connections with a certificate that no client trusts. */
const selfSigned = async () => {
  const server = createTlsServer(SELF_SIGNED, (socket) => {
    socket
      .on('error', () => {})
      .on('data', () => {
        requests += 1;
      });
  });
  return `https://127.0.0.1:${await listen(server)}`;
};

const EVENT = { event: { id: 'evt_1', type: 'thingMade' } };
const PAGE = '<html>Bad gateway</html>';
const CUT_OFF = 'HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{"ev';
const error = (type: string) => ({ id: 'err_1', code: 400, type, message: 'text', metadata: {} });

const created = { kind: 'created', eventId: 'evt_1' };
const notSent = (reason: unknown) => ({ kind: 'not_sent', reason });
const ambiguous = (reason: string) => ({ kind: 'ambiguous', reason });
const refused = (status: number, type: string, more: object = {}) => {
  const id = type === 'Unknown' ? {} : { errorId: 'err_1' };
  const message = type === 'Unknown' ? `HTTP ${status}` : 'text';
  return { kind: 'refused', refusal: { status, type, message, ...id, ...more } };
};

const LATE = 'no answer within the timeout';
const NO_CONNECTION = 'no connection within the timeout';

interface Outcome {
  readonly cause: string;
  /** Starts a server and returns the API URL. */
  readonly start: () => Promise<string>;
  readonly expected: object;
  /** Results of single transports that differ. They are never less cautious. */
  readonly except?: Partial<Readonly<Record<Transport, object>>>;
  readonly timesOut?: true;
  /** Whether the client accepts any certificate. */
  readonly trusting?: true;
}

const outcomes: readonly Outcome[] = [
  { cause: '201 with an event', start: respond(201, EVENT), expected: created },
  { cause: '200 with an event', start: respond(200, EVENT), expected: created },
  ...[
    [400, 'InvalidPayload'] as const,
    [401, 'Unauthorized'] as const,
    [402, 'PaymentRequired'] as const,
    [403, 'QuotaExceeded'] as const,
    [404, 'ResourceNotFound'] as const,
    [413, 'PayloadTooLarge'] as const,
    [429, 'RateLimited'] as const,
    [500, 'Internal'] as const,
  ].map(([status, type]) => ({
    cause: `JSON ${status} ${type}`,
    start: respond(status, error(type)),
    expected: refused(status, type),
  })),
  {
    cause: 'JSON 429 with Retry-After',
    start: respond(429, error('RateLimited'), { 'retry-after': '7' }),
    expected: refused(429, 'RateLimited', { retryAfter: 7_000 }),
  },
  {
    cause: '429 with the documented body',
    start: respond(429, { type: 'RateLimited', description: 'Slow down', status: 429 }),
    expected: { kind: 'refused', refusal: { status: 429, type: 'RateLimited', message: 'Slow down' } },
  },
  { cause: 'HTML 429', start: respond(429, PAGE), expected: refused(429, 'Unknown') },
  {
    cause: 'HTML 503 with Retry-After',
    start: respond(503, PAGE, { 'retry-after': '30' }),
    expected: refused(503, 'Unknown', { retryAfter: 30_000 }),
  },
  {
    cause: '400 with a cut-off body',
    start: bytes((socket) => socket.end('HTTP/1.1 400 No\r\ncontent-length: 9\r\n\r\n{')),
    expected: refused(400, 'Unknown'),
    except: { '2.x fetch': ambiguous('ECONNRESET') },
  },
  { cause: 'HTML 502', start: respond(502, PAGE), expected: ambiguous('answered 502') },
  {
    cause: 'JSON 504 OperationTimeout',
    start: respond(504, error('OperationTimeout')),
    expected: ambiguous('answered 504'),
  },
  { cause: 'HTML 408', start: respond(408, PAGE), expected: ambiguous('answered 408') },
  {
    cause: 'redirect 307',
    start: respond(307, '', { location: '/elsewhere' }),
    expected: ambiguous('answered 307'),
    // fetch follows it, here until it gives up.
    except: { '2.x fetch': ambiguous('ERR_NETWORK') },
  },
  { cause: '201 with HTML', start: respond(201, PAGE), expected: ambiguous('a 2xx answer without an event') },
  {
    cause: '201 with another body',
    start: respond(201, { event: null }),
    expected: ambiguous('a 2xx answer without an event'),
  },
  {
    cause: '204 without a body',
    start: http((_, response) => response.writeHead(204).end()),
    expected: ambiguous('a 2xx answer without an event'),
  },
  {
    cause: '201 cut off by a close',
    start: bytes((socket) => socket.end(CUT_OFF)),
    expected: ambiguous('answered 201'),
    except: { '2.x fetch': ambiguous('ECONNRESET') },
  },
  {
    cause: '201 cut off by a reset',
    start: bytes((socket) => socket.write(CUT_OFF, () => socket.resetAndDestroy())),
    expected: ambiguous('answered 201'),
    except: { '2.x fetch': ambiguous('ECONNRESET') },
  },
  {
    cause: '201 whose body stalls',
    timesOut: true,
    start: bytes((socket) => socket.write(CUT_OFF)),
    expected: ambiguous('answered 201'),
    except: { '1.x axios': ambiguous(LATE), '2.x fetch': ambiguous(LATE) },
  },
  {
    cause: '201 whose body never ends',
    timesOut: true,
    start: http((_request, response) => {
      response.writeHead(201);
      const more = setInterval(() => response.write(' '), SHORT / 4);
      response.once('close', () => clearInterval(more));
    }),
    expected: ambiguous(LATE),
  },
  { cause: 'no response', timesOut: true, start: http(() => {}), expected: ambiguous(LATE) },
  {
    cause: 'only early hints',
    timesOut: true,
    start: bytes((socket) => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n')),
    expected: ambiguous(LATE),
  },
  {
    cause: 'close after the request',
    start: bytes((socket) => socket.end()),
    expected: ambiguous('ECONNRESET'),
  },
  {
    cause: 'reset after the request',
    start: bytes((socket) => socket.resetAndDestroy()),
    expected: ambiguous('ECONNRESET'),
  },
  {
    cause: 'response head cut off',
    start: bytes((socket) => socket.end('HTTP/1.1 201 Crea')),
    expected: ambiguous('ECONNRESET'),
  },
  {
    cause: 'response that is not HTTP',
    start: bytes((socket) => socket.end('nonsense\r\n\r\n')),
    expected: { kind: 'ambiguous', reason: expect.any(String) },
  },
  {
    cause: 'no response after the TLS handshake',
    timesOut: true,
    start: selfSigned,
    trusting: true,
    expected: ambiguous(LATE),
  },
  {
    cause: 'refused connection',
    start: async () => `http://127.0.0.1:${await freePort()}`,
    expected: notSent('ECONNREFUSED'),
  },
  {
    cause: 'refused connection of a name with several addresses',
    start: async () => `http://localhost:${await freePort()}`,
    expected: notSent('ECONNREFUSED'),
  },
  {
    cause: 'unknown host name',
    start: async () => 'http://no-such-host.invalid',
    expected: notSent(expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/)),
  },
  { cause: 'rejected certificate', start: selfSigned, expected: notSent('DEPTH_ZERO_SELF_SIGNED_CERT') },
  {
    cause: 'hanging TLS handshake',
    timesOut: true,
    start: handshake(() => {}),
    expected: notSent(NO_CONNECTION),
    except: { '2.x fetch': ambiguous(LATE) },
  },
  {
    cause: 'reset in the TLS handshake',
    start: handshake((socket) => socket.resetAndDestroy()),
    expected: notSent('ECONNRESET'),
    except: { '2.x fetch': ambiguous('ECONNRESET') },
  },
  {
    cause: 'TLS handshake cut off',
    start: handshake((socket) => socket.end()),
    expected: notSent('ECONNRESET'),
    except: { '2.x fetch': ambiguous('ECONNRESET') },
  },
  {
    cause: 'server without TLS',
    start: handshake((socket) => socket.end('HTTP/1.1 400\r\n')),
    expected: notSent('EPROTO'),
    except: { '2.x fetch': ambiguous('EPROTO') },
  },
  { cause: 'invalid URL', start: async () => 'nonsense', expected: notSent('ERR_INVALID_URL') },
  {
    cause: 'unsupported protocol',
    start: async () => 'ftp://127.0.0.1',
    expected: notSent('ERR_BAD_REQUEST'),
    except: { '2.x fetch': ambiguous('ERR_NETWORK') },
  },
];

describe.each([...transports])('over %s', (transport, clientClass) => {
  test.skipIf(!clientClass).each(outcomes)(
    '$cause is classified',
    async ({ cause, start, expected, except, timesOut, trusting }) => {
      // Node reads it per connection.
      if (trusting) vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
      const apiUrl = await start();
      const sender = new EventSender({
        timeout: timesOut ? SHORT : LONG,
        now: Date.now,
        ...(clientClass ? { clientClass } : {}),
      });
      const target = { apiUrl, botId: 'bot', integrationId: 'shop', token: TOKEN };
      const result = await sender.sendEvent(target, { type: 'thingMade', payload: { deliveryId: 'dlv_1' } });
      expect(result).toEqual(except?.[transport] ?? expected);
      const followed = cause === 'redirect 307' && transport === '2.x fetch';
      if (!followed) expect(requests).toBeLessThanOrEqual(1);
      if (result.kind === 'not_sent') expect(requests).toBe(0);
      expect(inspect(result, { depth: 10, showHidden: true })).not.toContain(TOKEN);
    },
  );
});
