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

/** Returns the port that the server listens on. */
async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const send = (apiUrl: string) =>
  sender.sendEvent({ apiUrl, botId: 'bot', token: 't' }, { type: 'thingMade', payload: { deliveryId: 'd' } });

test('a hanging TLS handshake is not_sent', async () => {
  const port = await listen(createServer());
  expect(await send(`https://127.0.0.1:${port}`)).toEqual({
    kind: 'not_sent',
    reason: 'no connection within the timeout',
  });
});

test('a TLS handshake that is cut off is not_sent', async () => {
  const port = await listen(createServer((socket) => socket.once('data', () => socket.end())));
  expect(await send(`https://127.0.0.1:${port}`)).toEqual({ kind: 'not_sent', reason: 'ECONNRESET' });
});

test('a server without TLS is not_sent', async () => {
  const port = await listen(
    createServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400\r\n'))),
  );
  expect(await send(`https://127.0.0.1:${port}`)).toEqual({ kind: 'not_sent', reason: 'EPROTO' });
});

test('a rejected certificate is not_sent, and its server receives no token', async () => {
  const received: Buffer[] = [];
  const port = await listen(
    createTlsServer(SELF_SIGNED, (socket) =>
      socket.on('data', (data) => received.push(data)).on('error', () => {}),
    ),
  );
  expect(await send(`https://127.0.0.1:${port}`)).toEqual({
    kind: 'not_sent',
    reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
  expect(received).toEqual([]);
});

test('an invalid URL and an unsupported protocol are not_sent', async () => {
  expect(await send('nonsense')).toEqual({ kind: 'not_sent', reason: 'ERR_INVALID_URL' });
  expect(await send('ftp://127.0.0.1')).toEqual({ kind: 'not_sent', reason: 'ERR_BAD_REQUEST' });
});

test('no response after the TLS handshake is ambiguous', async () => {
  const port = await listen(createTlsServer(SELF_SIGNED, (socket) => socket.resume().on('error', () => {})));
  // Node reads it per connection. The test shows that `secureConnecting` is false after the handshake.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const result = await send(`https://127.0.0.1:${port}`).finally(() => {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  });
  expect(result).toEqual({ kind: 'ambiguous', reason: 'no answer within the timeout' });
});

test('no response over plain HTTP is ambiguous', async () => {
  const port = await listen(createServer());
  expect(await send(`http://127.0.0.1:${port}`)).toEqual({
    kind: 'ambiguous',
    reason: 'no answer within the timeout',
  });
});

/** Issued for localhost, valid for 100 years, not trusted by any client. */
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
