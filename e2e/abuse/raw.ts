import { connect, type Socket } from 'node:net';
import type { SampleRequest } from '@sluice/events';
import type { Target } from './target.ts';

/** Longer than any timeout of ingest: a connection that is still open then has leaked. */
const PATIENCE = 30_000;

/** Opens a connection to ingest that collects the response. Never throws. */
export function openConnection({ pipeline }: Target): {
  socket: Socket;
  answer: () => string;
  closed: Promise<void>;
} {
  const socket = connect(Number(new URL(pipeline.ingest.url).port), '127.0.0.1');
  const parts: Buffer[] = [];
  socket.on('data', (data: Buffer) => parts.push(data));
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  socket.setTimeout(PATIENCE, () => socket.destroy());
  return { socket, answer: () => Buffer.concat(parts).toString('latin1'), closed };
}

/** Writes raw bytes and returns everything received until ingest closes the connection. */
export async function sendRaw(target: Target, bytes: string | Buffer): Promise<string> {
  const { socket, answer, closed } = openConnection(target);
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  await closed;
  return answer();
}

/** Returns the statuses of all responses in order: `400`, `200,404`, or `closed` without a response. */
export function statusesOf(answer: string): string {
  const statuses = Array.from(answer.matchAll(/HTTP\/1\.1 (\d{3})/g), ([, status]) => status);
  return statuses.filter((status) => status !== '100').join(',') || 'closed';
}

export interface Head {
  readonly requestLine?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Raw header lines without the line end. */
  readonly lines?: readonly string[];
  /** Content-Length; without it the header is absent. */
  readonly length?: number | undefined;
}

/** Returns a request head with `Connection: close`. */
export function head({
  requestLine = 'POST /webhooks/shopify HTTP/1.1',
  headers = {},
  lines = [],
  length,
}: Head): string {
  const all = [
    requestLine,
    'Host: edge',
    'Connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(length === undefined ? [] : [`Content-Length: ${length}`]),
    ...lines,
  ];
  return `${all.join('\r\n')}\r\n\r\n`;
}

/** Returns a complete request. */
export function wholeRequest(request: SampleRequest, more: Omit<Head, 'headers'> = {}): string {
  const body = Buffer.from(request.body).toString('latin1');
  return head({ headers: request.headers, length: body.length, ...more }) + body;
}

/** Returns one chunk of a chunked body. */
export const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
