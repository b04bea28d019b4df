import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { EventSender } from './event-sender.ts';

const TIMEOUT = 500;
const sender = new EventSender({ timeout: TIMEOUT, now: Date.now });

const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** Listens, and tells the port. */
async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const send = (apiUrl: string) =>
  sender.sendEvent({ apiUrl, botId: 'bot', token: 't' }, { type: 'thingMade', payload: { deliveryId: 'd' } });

test('a TLS handshake that hangs', async () => {
  const port = await listen(createServer());
  expect(await send(`https://127.0.0.1:${port}`)).toEqual({
    kind: 'not_sent',
    why: 'no connection within the timeout',
  });
});

test('a TLS handshake that breaks off', async () => {
  const port = await listen(createServer((socket) => socket.once('data', () => socket.end())));
  expect(await send(`https://127.0.0.1:${port}`)).toEqual({ kind: 'not_sent', why: 'ECONNRESET' });
});

test('a server that does not speak TLS', async () => {
  const port = await listen(
    createServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400\r\n'))),
  );
  expect(await send(`https://127.0.0.1:${port}`)).toEqual({ kind: 'not_sent', why: 'EPROTO' });
});

test('a certificate that is not accepted, and the token is not shown to its server', async () => {
  const heard: Buffer[] = [];
  const port = await listen(
    createTlsServer(SELF_SIGNED, (socket) =>
      socket.on('data', (data) => heard.push(data)).on('error', () => {}),
    ),
  );
  expect(await send(`https://127.0.0.1:${port}`)).toEqual({
    kind: 'not_sent',
    why: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
  expect(heard).toEqual([]);
});

test('an address that is none, or of another protocol', async () => {
  expect(await send('nonsense')).toEqual({ kind: 'not_sent', why: 'ERR_INVALID_URL' });
  expect(await send('ftp://127.0.0.1')).toEqual({ kind: 'not_sent', why: 'ERR_BAD_REQUEST' });
});

test('but not: no answer over TLS, once it is established', async () => {
  const port = await listen(createTlsServer(SELF_SIGNED, (socket) => socket.resume().on('error', () => {})));
  // Read at each connection. It tells that the flag which proves the others ends with the handshake.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const result = await send(`https://127.0.0.1:${port}`).finally(() => {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  });
  expect(result).toEqual({ kind: 'ambiguous', why: 'no answer within the timeout' });
});

test('but not: no answer over plain http, where it cannot be rateLimit from a connection that hangs', async () => {
  const port = await listen(createServer());
  expect(await send(`http://127.0.0.1:${port}`)).toEqual({
    kind: 'ambiguous',
    why: 'no answer within the timeout',
  });
});

/** For localhost, for a hundred years; nobody trusts it. */
const SELF_SIGNED = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgoAnC/4gpscn0YIMy
tQryoVGVuj5pGmSaHW6SNqk4kq+hRANCAAT3pP+u/x8643W4Aofv0xPTWlmyF/nb
iDEkkErZHT5QDyou0OWkW7rHvIGqedNmnJwoCSSvj7MOGPv4kZmnADMR
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBVTCB/KADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWxvY2FsaG9z
dDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ
bG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE96T/rv8fOuN1uAKH
79MT01pZshf524gxJJBK2R0+UA8qLtDlpFu6x7yBqnnTZpycKAkkr4+zDhj7+JGZ
pwAzEaM9MDswGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMB0GA1UdDgQWBBRx
sNmW00w9oN+mcb8EHmR4fuFLZDAKBggqhkjOPQQDAgNIADBFAiBCA/4gmzv1Szx3
il9E6WMBqBCO6bLg/BurPibwFLMlVQIhAOXHxNWv507zqXedFAAc8+2mdX/Qvnov
7wVzndxBagTG
-----END CERTIFICATE-----`,
};
