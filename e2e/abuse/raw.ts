import { connect, type Socket } from 'node:net';
import type { SampleRequest } from '@sluice/events';
import type { Target } from './target.ts';

/** Longer than any timeout of the edge: what is still open then has been forgotten. */
const PATIENCE = 30_000;

/** Opens a connection to the edge that collects what it is answered, and never throws. */
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

/** Writes bytes that no polite client would, and returns all that was answered until the edge closed. */
export async function sendRaw(target: Target, bytes: string | Buffer): Promise<string> {
  const { socket, answer, closed } = openConnection(target);
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  await closed;
  return answer();
}

/** The statuses of all answers, in order: `400`, `200,404`, or `closed` without any. */
export function statusesOf(answer: string): string {
  const statuses = Array.from(answer.matchAll(/HTTP\/1\.1 (\d{3})/g), ([, status]) => status);
  return statuses.filter((status) => status !== '100').join(',') || 'closed';
}

export interface Head {
  readonly requestLine?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Lines as they are to be sent, without the end of line. */
  readonly lines?: readonly string[];
  /** How long the body is said to be; undefined for no word of it. */
  readonly length?: number | undefined;
}

/** A head that asks the edge to close after its answer. */
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

/** A whole request, to be cut up or added to. */
export function wholeRequest(request: SampleRequest, more: Omit<Head, 'headers'> = {}): string {
  const body = Buffer.from(request.body).toString('latin1');
  return head({ headers: request.headers, length: body.length, ...more }) + body;
}

/** One chunk of a chunked body. */
export const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
