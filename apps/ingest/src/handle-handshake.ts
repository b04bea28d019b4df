import type { Connections } from '@sluice/config';
import type { Request, Response } from 'express';
import { findConnection } from './find-connection.ts';

/** A handshake carries nothing but its query, so only an id finds its connection. */
const NO_BODY = { headers: {}, body: Buffer.alloc(0), receivedAt: 0 };

/** Answers a GET with which a platform proves an address: its challenge, or 403 for every other reason alike. */
export function handleHandshake(
  connections: Connections,
  address: string,
  request: Request,
  response: Response,
): void {
  const { connection } = findConnection(connections, address, NO_BODY);
  const { source, settings } = connection;
  const secrets = connection.secrets.map((secret) => secret.reveal());
  // Not by way of URL, which throws at what a request line may hold.
  const query = Object.fromEntries(new URLSearchParams(request.originalUrl.split('?', 2)[1]));
  const answer = source.handshake?.(query, { secrets, settings }) ?? { ok: false };
  response.status(answer.ok ? 200 : 403).type('text/plain');
  response.send(answer.ok ? answer.challenge : 'forbidden');
}
