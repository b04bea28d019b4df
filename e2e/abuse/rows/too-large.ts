import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { post } from '../post.ts';
import { chunk, head, openConnection, sendRaw, statusesOf } from '../raw.ts';
import { type Row, summarize } from '../row.ts';
import { signed, signedBody } from '../signed.ts';
import { ingestMemory, type Target } from '../target.ts';

const MIB = 1024 * 1024;
/** MiB: the limit of 8, the 16 that are discarded after the response, and the kernel's buffers. */
const MAX_TAKEN = 48;
const CHUNK = chunk('x'.repeat(64 * 1024));

/**
 * Writes a chunk and yields to reads. A loop of writes that the kernel accepts immediately would never read, be
 * reset after 20 MiB and lose the response, which was available after 8 MiB.
 */
async function writeAndRead(socket: Socket): Promise<void> {
  await new Promise((written) => void socket.write(CHUNK, written));
  await turn();
}

/** Writes chunks until ingest responds, then `more` chunks without reading the response. */
async function streamChunks(target: Target, more: number): Promise<string> {
  const { socket, answer, closed } = openConnection(target);
  socket.write(head({ headers: signed('shopify').headers, lines: ['Transfer-Encoding: chunked'] }));
  let sent = 0;
  while (answer() === '' && sent < 400 && !socket.destroyed) {
    await writeAndRead(socket);
    sent += 1;
  }
  const whileStreaming = sent < 400;
  for (let index = 0; index < more; index++) socket.write(CHUNK);
  socket.end(chunk(''));
  await closed;
  return `${statusesOf(answer())}${whileStreaming ? '' : ' only at the end'}`;
}

/** Writes the whole body before it reads, like simple clients. */
async function writeAllThenRead(target: Target, size: number): Promise<string> {
  const { socket, answer, closed } = openConnection(target);
  socket.pause();
  const body = Buffer.alloc(size, 'x');
  socket.write(head({ headers: signed('shopify').headers, length: size }));
  await new Promise((written) => void socket.write(body, written));
  socket.resume();
  await closed;
  return statusesOf(answer());
}

/** Writes without end: ingest has to close the connection. */
async function endless(target: Target): Promise<string> {
  const { socket, answer, closed } = openConnection(target);
  socket.write(head({ headers: signed('shopify').headers, lines: ['Transfer-Encoding: chunked'] }));
  while (!socket.destroyed) await writeAndRead(socket);
  await closed;
  const taken = socket.bytesWritten / MIB;
  return `${statusesOf(answer())}, closed ${taken < MAX_TAKEN ? 'soon' : `after ${Math.round(taken)} MiB`}`;
}

export const tooLarge: readonly Row[] = [
  {
    row: 6,
    input:
      'body over the limit: with Content-Length, chunked, or written completely before reading the response',
    expected: '413',
    run: async (target) => {
      const big = signedBody('shopify', JSON.stringify({ id: 1, note: 'x'.repeat(8 * MIB) }));
      const announced = head({ headers: big.headers, length: 1e15 });
      return summarize(
        [
          ['well-behaved client', String((await post(target, 'shopify', big)).status)],
          ['Content-Length', statusesOf(await sendRaw(target, announced))],
          ['chunked', await streamChunks(target, 0)],
          ['chunked, 3 MiB after the response', await streamChunks(target, 48)],
          ['9 MiB written first', await writeAllThenRead(target, 9 * MIB)],
          ['12 MiB written first', await writeAllThenRead(target, 12 * MIB)],
          ['to an unknown connection', String((await post(target, 'unknown', big)).status)],
        ],
        '413',
      );
    },
  },
  {
    row: 6,
    input: 'chunks without end',
    expected: '413, closed soon; memory flat',
    run: async (target) => {
      const before = await ingestMemory(target);
      const ends = await Promise.all([endless(target), endless(target), endless(target)]);
      const { got } = summarize(
        ends.map((end, index) => [String(index), end]),
        '413, closed soon',
      );
      const grown = Math.round(((await ingestMemory(target)) - before) / MIB);
      return { got: `${got}; memory ${grown < 64 ? 'flat' : 'grew'}`, detail: `${grown} MiB` };
    },
  },
  {
    row: 6,
    input: 'body of exactly the limit',
    expected: '200 accepted',
    run: async (target) => {
      const frame = '{"id":1,"created_at":"2026-01-01","note":""}';
      const body = frame.replace('""', `"${'x'.repeat(8 * MIB - frame.length)}"`);
      const { status, result } = await post(target, 'shopify', signedBody('shopify', body));
      return { got: `${status} ${result}`, detail: `${body.length} bytes` };
    },
  },
];
