import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { buildClient2, freePort } from '@sluice/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { httpOf } from './client-transport.ts';
import { EventSender } from './event-sender.ts';
import { bothMajors, type ClientClass } from './test-support/clients.ts';
import { SELF_SIGNED } from './test-support/self-signed.ts';
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

const EVENT = { type: 'thingMade', payload: { name: 'Zoë' } };
const targetAt = (apiUrl: string, token = 'token') => ({
  apiUrl,
  botId: 'bot',
  integrationId: 'shop',
  token,
});
const send = (apiUrl: string, token?: string) => sender.sendEvent(targetAt(apiUrl, token), EVENT);

const created = (response: ServerResponse) =>
  response.writeHead(201, { 'content-type': 'application/json' }).end(CREATED);

describe.each([...bothMajors(await buildClient2())])('the client %s', (major, clientClass) => {
  const testMajor = test.skipIf(!clientClass);
  const Client = clientClass as ClientClass;
  const newSender = () => new EventSender({ timeout: TIMEOUT, now: Date.now, clientClass: Client });
  const clientOf = (apiUrl: string) => new Client({ apiUrl, botId: 'bot', token: 'token', timeout: TIMEOUT });

  testMajor('sends the same request over undici', async () => {
    const seen: IncomingMessage[] = [];
    let body = '';
    const url = await listen(
      createServer((request, response) => {
        seen.push(request);
        request.on('data', (chunk) => (body += chunk)).once('end', () => created(response));
      }),
    );
    const result = await newSender().sendEvent(targetAt(`${url}/prefix/`), EVENT);
    expect(result).toEqual({ kind: 'created', eventId: 'evt_1' });
    expect(JSON.parse(body)).toEqual(EVENT);
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/prefix/v1/chat/events' });
    expect(seen[0]?.headers).toMatchObject({
      ...{ authorization: 'Bearer token', 'x-bot-id': 'bot', 'x-integration-id': 'shop' },
      ...{ 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
      // Sent only by the undici transport.
      ...{ 'user-agent': 'sluice', 'accept-encoding': 'identity' },
    });
  });

  testMajor('sends over undici only if it has the expected shape', () => {
    expect(useUndici(clientOf('http://127.0.0.1'), TIMEOUT)).toBeDefined();
    const config = { apiUrl: 'http://127.0.0.1', timeout: TIMEOUT, headers: {} };
    for (const change of [
      { axiosInstance: undefined, httpClient: undefined },
      { axiosInstance: () => {}, httpClient: {} },
      { config: undefined },
      { config: { ...config, timeout: TIMEOUT + 1 } },
      { config: { ...config, apiUrl: undefined } },
      { config: { ...config, headers: { a: 1 } } },
    ]) {
      expect(useUndici(Object.assign(clientOf('http://127.0.0.1'), change), TIMEOUT)).toBeUndefined();
    }
  });

  testMajor('sends other requests, and those outside of a call, over its own transport', async () => {
    const agents: string[] = [];
    const url = await serve((request, response) => {
      agents.push(String(request.headers['user-agent']).split('/')[0] ?? '');
      created(response);
    });
    const client = clientOf(url);
    const run = useUndici(client, TIMEOUT);
    const http = httpOf(client);
    const plain = { method: 'post', url: '/v1/chat/events', headers: {}, data: {} };
    await run?.({}, async () => http?.request({ ...plain, responseType: 'json' }));
    await http?.request(plain);
    await run?.({}, async () => http?.request(plain));
    const own = major === '1.x' ? 'axios' : 'node';
    expect(agents).toEqual([own, own, 'sluice']);
  });

  testMajor('reports a created event behind a proxy, which gets the absolute URL', async () => {
    let requested: string | undefined;
    const proxy = await serve((request, response) => {
      requested = request.url;
      response.setHeader('ratelimit-limit', '600;w=60');
      created(response);
    });
    vi.stubEnv('http_proxy', proxy);
    const result = await newSender().sendEvent(targetAt('http://api.invalid'), EVENT);
    expect(result).toEqual({ kind: 'created', eventId: 'evt_1', rateLimit: { limit: 600 } });
    expect(requested).toBe('http://api.invalid/v1/chat/events');
  });

  testMajor('reports a created event through the tunnel of a proxy', async () => {
    const api = createTlsServer(SELF_SIGNED, (socket) => {
      const head = `HTTP/1.1 201 Created\r\ncontent-length: ${CREATED.length}\r\n\r\n`;
      socket.on('error', () => {}).once('data', () => socket.end(head + CREATED));
    });
    const port = new URL(await listen(api)).port;
    const tunnels: (string | undefined)[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      tunnels.push(request.url);
      const upstream = connect(Number(port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
    });
    vi.stubEnv('https_proxy', await listen(proxy));
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const result = await newSender().sendEvent(targetAt('https://api.invalid'), EVENT);
    expect(result).toEqual({ kind: 'created', eventId: 'evt_1' });
    expect(tunnels).toEqual(['api.invalid:443']);
  });

  testMajor('reports a proxy that refuses its tunnel, or does not listen, as not_sent', async () => {
    const proxy = createServer().on('connect', (_request, socket) => socket.end('HTTP/1.1 502 No\r\n\r\n'));
    for (const url of [await listen(proxy), `http://127.0.0.1:${await freePort()}`, 'nonsense://']) {
      vi.stubEnv('https_proxy', url);
      const result = await newSender().sendEvent(targetAt('https://api.invalid'), EVENT);
      expect(result.kind).toBe('not_sent');
    }
  });

  testMajor('sends directly if the proxy is not used for the API URL', async () => {
    vi.stubEnv('http_proxy', 'http://proxy.invalid:3128');
    vi.stubEnv('no_proxy', '127.0.0.1');
    const url = await serve((_request, response) => created(response));
    expect((await newSender().sendEvent(targetAt(url), EVENT)).kind).toBe('created');
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

test('a reset of a kept-alive connection on its second request is ambiguous', async () => {
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

test('reads the first value of repeated Retry-After and RateLimit headers', async () => {
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
    rateLimit: { reset: 12_000 },
  });
});
