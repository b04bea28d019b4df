import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '@sluice/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebhookForwarder } from './webhook-forwarder.ts';

const TIMEOUT = 400;
const BODY = Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0xff, 0x00, 0x7d]);
const HEADERS = { 'x-hub-signature-256': 'sha256=00', 'user-agent': 'Meta\xe9' };

const forwarder = new WebhookForwarder({ timeout: TIMEOUT, now: Date.now, isPrivate: () => false });
const servers: Server[] = [];

afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (answer: RequestListener) => listen(createServer(answer));

const answer = (status: number, headers: Record<string, string> = {}, body = '') =>
  serve((request, response) => {
    request.resume().once('end', () => response.writeHead(status, headers).end(body));
  });

const forward = (url: string, allowPrivate = true) =>
  forwarder.forward({ url, allowPrivate }, { headers: HEADERS, body: BODY });

test('posts the exact bytes and headers to path and query', async () => {
  let seen: { readonly request: IncomingMessage; readonly body: Buffer } | undefined;
  const url = await serve(async (request: IncomingMessage, response: ServerResponse) => {
    seen = { request, body: Buffer.concat(await request.toArray()) };
    response.writeHead(204).end();
  });
  expect(await forward(`${url}/hook/1?key=a%20b`)).toEqual({ kind: 'forwarded', status: 204 });
  expect(seen?.request).toMatchObject({ method: 'POST', url: '/hook/1?key=a%20b' });
  expect(seen?.request.headers).toEqual({
    ...{ ...HEADERS, host: new URL(url).host, connection: 'keep-alive', 'content-length': '7' },
  });
  expect(seen?.body.equals(BODY)).toBe(true);
});

test('a redirect is not followed', async () => {
  const target = vi.fn<RequestListener>((_request, response) => void response.end());
  const url = await answer(307, { location: await serve(target) });
  expect(await forward(url)).toMatchObject({ kind: 'refused', refusal: { status: 307 } });
  expect(target).not.toHaveBeenCalled();
});

test.each([400, 404, 410, 502, 504])(
  'a %i is refused with its status and nothing of its body',
  async (status) => {
    const url = await answer(
      status,
      { 'content-type': 'application/json' },
      '{"message":"payload of the webhook"}',
    );
    expect(await forward(url)).toEqual({
      kind: 'refused',
      refusal: { status, type: 'Receiver', message: `The receiver returned ${status}.` },
    });
  },
);

test('reads Retry-After', async () => {
  const url = await answer(503, { 'retry-after': '7' });
  expect(await forward(url)).toMatchObject({ refusal: { status: 503, retryAfter: 7_000 } });
});

test('a response of any length counts by its status', async () => {
  const url = await answer(200, {}, 'x'.repeat(1_000_000));
  expect(await forward(url)).toEqual({ kind: 'forwarded', status: 200 });
});

describe('without a response', () => {
  test('a refused connection is not sent', async () => {
    expect(await forward(`http://127.0.0.1:${await freePort()}`)).toEqual({
      kind: 'not_sent',
      reason: 'ECONNREFUSED',
    });
  });

  test('a deadline in the past is not sent', async () => {
    const url = await answer(200);
    const request = { headers: HEADERS, body: BODY };
    const result = await forwarder.forward({ url, allowPrivate: true }, request, {
      deadline: Date.now() - 5_000,
    });
    expect(result).toMatchObject({ kind: 'not_sent', reason: expect.stringContaining('deadline exceeded') });
  });

  test('a receiver that hangs is ambiguous after the timeout', async () => {
    const url = await serve(() => {});
    expect(await forward(url)).toEqual({ kind: 'ambiguous', reason: 'no answer within the timeout' });
  });

  test('a reset after the request is ambiguous', async () => {
    const url = await serve((request) => void request.socket.destroy());
    expect(await forward(url)).toMatchObject({ kind: 'ambiguous' });
  });
});

describe('a name with a private address', () => {
  const guarded = new WebhookForwarder({ timeout: TIMEOUT, now: Date.now, isPrivate: () => true });
  const request = { headers: HEADERS, body: BODY };

  test('is not connected to, although its URL was valid', async () => {
    const { port } = new URL(await answer(200));
    const result = await guarded.forward({ url: `http://localhost:${port}`, allowPrivate: false }, request);
    expect(result).toEqual({ kind: 'not_sent', reason: 'private address' });
  });

  test('is connected to with allowPrivate, and if its addresses are public', async () => {
    const { port } = new URL(await answer(200));
    const url = `http://localhost:${port}`;
    expect(await guarded.forward({ url, allowPrivate: true }, request)).toMatchObject({ kind: 'forwarded' });
    expect(await forwarder.forward({ url, allowPrivate: false }, request)).toMatchObject({
      kind: 'forwarded',
    });
  });
});

test('uses the proxy of the environment', async () => {
  const target = await answer(200);
  const paths: (string | undefined)[] = [];
  const proxy = await serve((request, response) => {
    paths.push(request.url);
    request.resume().once('end', () => response.writeHead(201).end());
  });
  vi.stubEnv('HTTP_PROXY', proxy);
  vi.stubEnv('NO_PROXY', '');
  expect(await forward(`${target}/hook`)).toEqual({ kind: 'forwarded', status: 201 });
  expect(paths).toEqual([`${target}/hook`]);
});
