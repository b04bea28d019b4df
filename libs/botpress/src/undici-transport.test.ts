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

/** Listens, and tells its address. */
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

test('the real client sends over undici, the same request', async () => {
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
    // By which it is known that it was undici.
    ...{ 'user-agent': 'sluice', 'accept-encoding': 'identity' },
  });
});

describe('left as it comes', () => {
  const clientOf = (apiUrl: string) => new Client({ apiUrl, botId: 'bot', token: 'token', timeout: TIMEOUT });

  test('but not, when all is as expected', () => {
    expect(useUndici(clientOf('http://127.0.0.1'), TIMEOUT)).toBeDefined();
  });

  test.each<[string, object]>([
    ['no axios instance', { axiosInstance: undefined }],
    ['one that is no function', { axiosInstance: { request: () => {} } }],
    ['one without `request`', { axiosInstance: () => {} }],
    ['no config', { config: undefined }],
    ['another timeout', { config: { apiUrl: 'http://127.0.0.1', timeout: TIMEOUT + 1, headers: {} } }],
    ['no address', { config: { timeout: TIMEOUT, headers: {} } }],
    [
      'headers that are no texts',
      { config: { apiUrl: 'http://127.0.0.1', timeout: TIMEOUT, headers: { a: 1 } } },
    ],
  ])('%s', (_name, change) => {
    expect(useUndici(Object.assign(clientOf('http://127.0.0.1'), change), TIMEOUT)).toBeUndefined();
  });

  test('a request that asks for more, and one that nobody watches', async () => {
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

/** Axios asks the proxy for whole addresses; this one is the API itself. */
describe('behind a proxy the client stays as it comes', () => {
  const sendBehind = async (answer: RequestListener) => {
    vi.stubEnv('http_proxy', await serve(answer));
    // A sender of its own: clients are kept, and they look for a proxy when they are made.
    const behind = new EventSender({ timeout: TIMEOUT, now: Date.now });
    const to = { apiUrl: 'http://api.invalid', botId: 'bot', integrationId: 'shop', token: 'token' };
    return behind.sendEvent(to, { type: 'thingMade', payload: {} });
  };

  test('created, with what is rateLimit of the limit', async () => {
    let asked: string | undefined;
    const result = await sendBehind((request, response) => {
      asked = request.url;
      response.setHeader('ratelimit-limit', '600');
      created(response);
    });
    expect(result).toEqual({ kind: 'created', eventId: 'evt_1', rateLimit: { limit: 600 } });
    expect(asked).toBe('http://api.invalid/v1/chat/events');
  });

  test('refused, with Retry-After', async () => {
    const result = await sendBehind((_request, response) =>
      response.writeHead(429, { 'retry-after': '7' }).end('{"type":"RateLimited","message":"slow down"}'),
    );
    expect(result).toMatchObject({ kind: 'refused', refusal: { status: 429, retryAfter: 7_000 } });
  });

  test('ambiguous, once', async () => {
    let asked = 0;
    const result = await sendBehind((request) => {
      asked += 1;
      request.socket.resetAndDestroy();
    });
    expect(result).toEqual({ kind: 'ambiguous', why: 'ECONNRESET' });
    expect(asked).toBe(1);
  });

  test('unless it is not for this address', () => {
    vi.stubEnv('http_proxy', 'http://proxy.invalid:3128');
    vi.stubEnv('no_proxy', '127.0.0.1');
    const client = new Client({ apiUrl: 'http://127.0.0.1', timeout: TIMEOUT });
    expect(useUndici(client, TIMEOUT)).toBeDefined();
  });
});

describe('not sent', () => {
  test('a connection that hangs, also over plain http', async () => {
    // Nothing answers there (RFC 5737); where the network refuses it at once, that is said.
    const result = await send('http://192.0.2.1');
    expect(result).toEqual({
      kind: 'not_sent',
      why: expect.stringMatching(
        /^(no connection within the timeout|EHOSTUNREACH|ENETUNREACH|ECONNREFUSED)$/,
      ),
    });
  });

  test('a token that no header can hold, which is not rateLimit', async () => {
    const url = await serve((_request, response) => created(response));
    const result = await send(url, 'a‐b');
    expect(result.kind).toBe('not_sent');
    expect(JSON.stringify(result)).not.toContain('a‐b');
  });
});

describe('ambiguous', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['closed in order instead of an answer', (socket) => socket.end(), 'ECONNRESET'],
    ['reset', (socket) => socket.resetAndDestroy(), 'ECONNRESET'],
    ['no HTTP', (socket) => socket.end('nonsense\r\n\r\n'), 'HTTPParserError'],
    ['no answer', () => {}, 'no answer within the timeout'],
    ['half a head', (socket) => socket.end('HTTP/1.1 201 Crea'), 'ECONNRESET'],
    [
      'early hints and no more',
      (socket) => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'),
      'no answer within the timeout',
    ],
    [
      'half a body, closed',
      (socket) => socket.end('HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{"ev'),
      'answered 201',
    ],
    [
      'half a body, reset',
      (socket) => {
        socket.write('HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{"ev', () =>
          socket.resetAndDestroy(),
        );
      },
      'answered 201',
    ],
    [
      'half a body, and silence',
      (socket) => socket.write('HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{"ev'),
      'answered 201',
    ],
  ])('%s', async (_name, answer, why) => {
    let asked = 0;
    const url = await serveBytes((socket) => {
      asked += 1;
      answer(socket);
    });
    const result = await send(url);
    expect(result).toEqual({ kind: 'ambiguous', why });
    expect(asked).toBe(1);
  });

  test('a kept-alive connection that is closed upon the second request', async () => {
    let asked = 0;
    const url = await serve((request, response) => {
      asked += 1;
      if (asked === 1) created(response);
      else request.socket.resetAndDestroy();
    });
    expect((await send(url)).kind).toBe('created');
    expect(await send(url)).toEqual({ kind: 'ambiguous', why: 'ECONNRESET' });
    expect(asked).toBe(2);
    expect(sockets.size).toBeGreaterThan(0);
  });

  test('a redirect, which is not followed', async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(await send(url)).toEqual({ kind: 'ambiguous', why: 'answered 307' });
    expect(seen).toEqual(['/v1/chat/events']);
  });

  test('an answer without end', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(201);
      const more = setInterval(() => response.write(' '), TIMEOUT / 4);
      response.once('close', () => clearInterval(more));
    });
    expect(await send(url)).toEqual({ kind: 'ambiguous', why: 'no answer within the timeout' });
  });
});

test('a connection is used again, unless its server closed it meanwhile', async () => {
  const used = new Set<Socket>();
  const url = await serve((request, response) => {
    used.add(request.socket);
    created(response);
  });
  await send(url);
  // undici gives a connection back in the next turn of the loop.
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

describe('refused', () => {
  test('with Retry-After and RateLimit headers, of which the first counts', async () => {
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

  test('though the answer breaks off', async () => {
    const url = await serveBytes((socket) => socket.end('HTTP/1.1 400 No\r\ncontent-length: 9\r\n\r\n{'));
    expect(await send(url)).toMatchObject({ kind: 'refused', refusal: { status: 400, type: 'Unknown' } });
  });
});
