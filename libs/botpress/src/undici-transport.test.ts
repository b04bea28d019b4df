import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Client } from '@botpress/client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { EventSender } from './event-sender.ts';
import { useUndici } from './undici-transport.ts';

const TIMEOUT = 400;
const CREATED = '{"event":{"id":"evt_1"}}';
const sender = new EventSender({ timeout: TIMEOUT, now: Date.now });

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(() => {
  vi.unstubAllEnvs();
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** Returns the URL that the server listens on. */
async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (answer: RequestListener) =>
  listen(
    createServer((request, response) => void request.resume().once('end', () => answer(request, response))),
  );
const serveBytes = (onData: (socket: Socket) => void) =>
  listen(createTcpServer((socket) => socket.once('data', () => onData(socket))));

const send = (apiUrl: string, token = 'token') =>
  sender.sendEvent(
    { apiUrl, botId: 'bot', integrationId: 'shop', token },
    { type: 'thingMade', payload: { name: 'Zoë' } },
  );

const created = (response: ServerResponse) =>
  response.writeHead(201, { 'content-type': 'application/json' }).end(CREATED);

test('the real client sends the same request over undici', async () => {
  const seen: IncomingMessage[] = [];
  let body = '';
  const url = await listen(
    createServer((request, response) => {
      seen.push(request);
      request.on('data', (chunk) => (body += chunk)).once('end', () => created(response));
    }),
  );
  expect(await send(`${url}/prefix/`)).toEqual({ kind: 'created', eventId: 'evt_1' });
  expect(JSON.parse(body)).toEqual({ type: 'thingMade', payload: { name: 'Zoë' } });
  expect(seen[0]).toMatchObject({ method: 'POST', url: '/prefix/v1/chat/events' });
  expect(seen[0]?.headers).toMatchObject({
    ...{ authorization: 'Bearer token', 'x-bot-id': 'bot', 'x-integration-id': 'shop' },
    ...{ 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
    // Sent only by the undici transport.
    ...{ 'user-agent': 'sluice', 'accept-encoding': 'identity' },
  });
});

describe('a client keeps axios', () => {
  const clientOf = (apiUrl: string) => new Client({ apiUrl, botId: 'bot', token: 'token', timeout: TIMEOUT });

  test('unless it has the expected shape', () => {
    expect(useUndici(clientOf('http://127.0.0.1'), TIMEOUT)).toBeDefined();
  });

  test.each<[string, object]>([
    ['it has no axios instance', { axiosInstance: undefined }],
    ['its axios instance is not a function', { axiosInstance: { request: () => {} } }],
    ['its axios instance has no `request`', { axiosInstance: () => {} }],
    ['it has no config', { config: undefined }],
    ['its timeout differs', { config: { apiUrl: 'http://127.0.0.1', timeout: TIMEOUT + 1, headers: {} } }],
    ['it has no API URL', { config: { timeout: TIMEOUT, headers: {} } }],
    [
      'its headers are not strings',
      { config: { apiUrl: 'http://127.0.0.1', timeout: TIMEOUT, headers: { a: 1 } } },
    ],
  ])('if %s', (_name, change) => {
    expect(useUndici(Object.assign(clientOf('http://127.0.0.1'), change), TIMEOUT)).toBeUndefined();
  });

  test('for a request with further options and for one outside of a call', async () => {
    const agents: string[] = [];
    const url = await serve((request, response) => {
      agents.push(String(request.headers['user-agent']).split('/')[0] ?? '');
      created(response);
    });
    const client = clientOf(url);
    const run = useUndici(client, TIMEOUT);
    const axios: { request(config: object): Promise<unknown> } = Reflect.get(client, 'axiosInstance');
    const plain = { method: 'post', url: '/v1/chat/events', headers: {}, data: {} };
    await run?.({}, () => axios.request({ ...plain, params: { a: 1 } }));
    await axios.request(plain);
    await run?.({}, () => axios.request(plain));
    expect(agents).toEqual(['axios', 'axios', 'sluice']);
  });
});

/** axios requests absolute URLs from a proxy. The proxy in these tests responds as the API. */
describe('behind a proxy the client keeps axios', () => {
  const sendBehind = async (answer: RequestListener) => {
    vi.stubEnv('http_proxy', await serve(answer));
    // A new sender, because a client reads the proxy settings when it is created.
    const proxied = new EventSender({ timeout: TIMEOUT, now: Date.now });
    const to = { apiUrl: 'http://api.invalid', botId: 'bot', integrationId: 'shop', token: 'token' };
    return proxied.sendEvent(to, { type: 'thingMade', payload: {} });
  };

  test('and reports a created event with the rate limit', async () => {
    let requested: string | undefined;
    const result = await sendBehind((request, response) => {
      requested = request.url;
      response.setHeader('ratelimit-limit', '600');
      created(response);
    });
    expect(result).toEqual({ kind: 'created', eventId: 'evt_1', rateLimit: { limit: 600 } });
    expect(requested).toBe('http://api.invalid/v1/chat/events');
  });

  test('and reports a refusal with its Retry-After', async () => {
    const result = await sendBehind((_request, response) =>
      response.writeHead(429, { 'retry-after': '7' }).end('{"type":"RateLimited","message":"slow down"}'),
    );
    expect(result).toMatchObject({ kind: 'refused', refusal: { status: 429, retryAfter: 7_000 } });
  });

  test('and reports a reset as ambiguous after one request', async () => {
    let requests = 0;
    const result = await sendBehind((request) => {
      requests += 1;
      request.socket.resetAndDestroy();
    });
    expect(result).toEqual({ kind: 'ambiguous', reason: 'ECONNRESET' });
    expect(requests).toBe(1);
  });

  test('unless the proxy is not used for the API URL', () => {
    vi.stubEnv('http_proxy', 'http://proxy.invalid:3128');
    vi.stubEnv('no_proxy', '127.0.0.1');
    const client = new Client({ apiUrl: 'http://127.0.0.1', timeout: TIMEOUT });
    expect(useUndici(client, TIMEOUT)).toBeDefined();
  });
});

describe('a call is not_sent', () => {
  test('if the connection hangs, also over plain HTTP', async () => {
    // Reserved for documentation (RFC 5737). Some networks refuse it at once; the reason then says so.
    const result = await send('http://192.0.2.1');
    expect(result).toEqual({
      kind: 'not_sent',
      reason: expect.stringMatching(
        /^(no connection within the timeout|EHOSTUNREACH|ENETUNREACH|ECONNREFUSED)$/,
      ),
    });
  });

  test('if the token is not a valid header value, and the reason does not contain it', async () => {
    const url = await serve((_request, response) => created(response));
    const result = await send(url, 'a‐b');
    expect(result.kind).toBe('not_sent');
    expect(JSON.stringify(result)).not.toContain('a‐b');
  });
});

describe('a call is ambiguous', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['the connection is closed without a response', (socket) => socket.end(), 'ECONNRESET'],
    ['the connection is reset', (socket) => socket.resetAndDestroy(), 'ECONNRESET'],
    ['the response is not HTTP', (socket) => socket.end('nonsense\r\n\r\n'), 'HTTPParserError'],
    ['there is no response', () => {}, 'no answer within the timeout'],
    ['the response head is cut off', (socket) => socket.end('HTTP/1.1 201 Crea'), 'ECONNRESET'],
    [
      'only early hints arrive',
      (socket) => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'),
      'no answer within the timeout',
    ],
    [
      'the body is cut off by a close',
      (socket) => socket.end('HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{"ev'),
      'answered 201',
    ],
    [
      'the body is cut off by a reset',
      (socket) => {
        socket.write('HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{"ev', () =>
          socket.resetAndDestroy(),
        );
      },
      'answered 201',
    ],
    [
      'the body stalls',
      (socket) => socket.write('HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{"ev'),
      'answered 201',
    ],
  ])('if %s', async (_name, answer, reason) => {
    let requests = 0;
    const url = await serveBytes((socket) => {
      requests += 1;
      answer(socket);
    });
    const result = await send(url);
    expect(result).toEqual({ kind: 'ambiguous', reason });
    expect(requests).toBe(1);
  });

  test('if a kept-alive connection is reset on its second request', async () => {
    let requests = 0;
    const url = await serve((request, response) => {
      requests += 1;
      if (requests === 1) created(response);
      else request.socket.resetAndDestroy();
    });
    expect((await send(url)).kind).toBe('created');
    expect(await send(url)).toEqual({ kind: 'ambiguous', reason: 'ECONNRESET' });
    expect(requests).toBe(2);
    expect(sockets.size).toBeGreaterThan(0);
  });

  test('after a redirect, which is not followed', async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(await send(url)).toEqual({ kind: 'ambiguous', reason: 'answered 307' });
    expect(seen).toEqual(['/v1/chat/events']);
  });

  test('if the response never ends', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(201);
      const more = setInterval(() => response.write(' '), TIMEOUT / 4);
      response.once('close', () => clearInterval(more));
    });
    expect(await send(url)).toEqual({ kind: 'ambiguous', reason: 'no answer within the timeout' });
  });
});

test('reuses a connection unless its server closed it', async () => {
  const used = new Set<Socket>();
  const url = await serve((request, response) => {
    used.add(request.socket);
    created(response);
  });
  await send(url);
  // undici returns a connection to its pool in the next turn of the event loop.
  await nextTurn();
  await send(url);
  await nextTurn();
  expect(used.size).toBe(1);
  const [socket] = used;
  socket?.end();
  await once(socket as Socket, 'close');
  expect((await send(url)).kind).toBe('created');
  expect(used.size).toBe(2);
});

describe('a call is refused', () => {
  test('with the first value of repeated Retry-After and RateLimit headers', async () => {
    const url = await serve((_request, response) => {
      const headers = [
        ...['retry-after', '7', 'retry-after', '9', 'ratelimit-limit', '600', 'ratelimit-remaining', '0'],
        ...['RateLimit-Reset', '12'],
      ];
      response.writeHead(429, headers).end('{"type":"RateLimited","message":"slow down","id":"err_1"}');
    });
    expect(await send(url)).toEqual({
      kind: 'refused',
      refusal: {
        status: 429,
        type: 'RateLimited',
        message: 'slow down',
        errorId: 'err_1',
        retryAfter: 7_000,
      },
      rateLimit: { limit: 600, remaining: 0, reset: 12_000 },
    });
  });

  test('although the response body is cut off', async () => {
    const url = await serveBytes((socket) => socket.end('HTTP/1.1 400 No\r\ncontent-length: 9\r\n\r\n{'));
    expect(await send(url)).toMatchObject({ kind: 'refused', refusal: { status: 400, type: 'Unknown' } });
  });
});
