import { post } from '../post.ts';
import { head, openConnection, statusesOf } from '../raw.ts';
import { type Row, summarize } from '../row.ts';
import { signed } from '../signed.ts';
import type { Target } from '../target.ts';

const MIB = 1024 * 1024;
const DRIBBLE_MS = 400;

/** Slow clients: each writes its first bytes and optionally repeats a few. */
const KINDS: readonly { readonly first: () => string | undefined; readonly drip?: string }[] = [
  { first: () => undefined },
  { first: () => 'POST /webhooks/shopify HTTP/1.1\r\nHost: edge\r\n', drip: 'X-Slow: yes\r\n' },
  { first: () => `${head({ headers: signed('shopify').headers, length: 100_000 })}{`, drip: ' ' },
  {
    first: () => `${head({ headers: signed('shopify').headers, lines: ['Transfer-Encoding: chunked'] })}`,
    drip: '1\r\n \r\n',
  },
];

interface Attack {
  /** The responses, once ingest has closed the connections. */
  readonly ended: Promise<readonly string[]>;
}

/** Below the listen backlog (511): ingest does not see clients that overflow it. */
const AT_ONCE = 100;

/** Opens connections, and resolves when each has sent its first bytes. */
async function attack(
  target: Target,
  firsts: readonly (string | Buffer | undefined)[],
  drips: readonly (string | undefined)[],
): Promise<Attack> {
  const clients: ReturnType<typeof openConnection>[] = [];
  while (clients.length < firsts.length) {
    const some = firsts.slice(clients.length, clients.length + AT_ONCE);
    clients.push(...(await Promise.all(some.map((first) => openWith(target, first)))));
  }
  const timer = setInterval(() => {
    for (const [index, { socket }] of clients.entries()) {
      const drip = drips[index];
      if (drip && socket.writable) socket.write(drip);
    }
  }, DRIBBLE_MS);
  const ended = Promise.all(clients.map(({ closed, answer }) => closed.then(() => statusesOf(answer()))));
  return { ended: ended.finally(() => clearInterval(timer)) };
}

async function openWith(
  target: Target,
  first: string | Buffer | undefined,
): Promise<ReturnType<typeof openConnection>> {
  const client = openConnection(target);
  await new Promise<void>((ready) => void client.socket.once('connect', ready).once('close', ready));
  if (first !== undefined) await new Promise((written) => void client.socket.write(first, 'latin1', written));
  return client;
}

/** Posts 400 valid webhooks, ten at a time. */
async function sendHonest(target: Target): Promise<{ statuses: string; p99: number }> {
  const times: number[] = [];
  const statuses = new Set<number>();
  const work = async () => {
    for (let index = 0; index < 40; index++) {
      const request = signed('shopify');
      const start = performance.now();
      statuses.add((await post(target, 'shopify', request)).status);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: 10 }, work));
  times.sort((a, b) => a - b);
  return { statuses: [...statuses].join(), p99: times[Math.floor(times.length * 0.99)] ?? 0 };
}

/** Platforms wait 5 s or more. A difference below this is noise of a shared machine. */
const isIntact = (before: number, during: number) => during < Math.max(5 * before, 250);

async function measure(target: Target, start: () => Promise<Attack>) {
  const before = await sendHonest(target);
  const { ended } = await start();
  const during = await sendHonest(target);
  const answers = await ended;
  const intact = isIntact(before.p99, during.p99);
  return {
    answers,
    honest: `valid webhooks ${during.statuses}, p99 ${intact ? 'unaffected' : 'degraded'}`,
    detail: `${answers.length} clients; p99 ${before.p99.toFixed(0)} ms before, ${during.p99.toFixed(0)} ms meanwhile`,
  };
}

export const slowClients: readonly Row[] = [
  {
    row: 7,
    input: 'slow clients: silent, one header at a time, one body byte at a time, one chunk at a time',
    expected: '408; valid webhooks 200, p99 unaffected',
    run: async (target) => {
      const kinds = Array.from(
        { length: target.scale.slowClients },
        (_, index) => KINDS[index % KINDS.length],
      );
      const { answers, honest, detail } = await measure(target, () =>
        attack(
          target,
          kinds.map((kind) => kind?.first()),
          kinds.map((kind) => kind?.drip),
        ),
      );
      const { got } = summarize(
        answers.map((answer, index) => [`kind ${index % KINDS.length}`, answer]),
        '408',
      );
      return { got: `${got.slice(0, 200)}; ${honest}`, detail };
    },
  },
  {
    row: 7,
    input: '150 bodies of 1 MiB without their last byte: more than the in-flight limit',
    expected: '408 or 503; valid webhooks 200, p99 unaffected',
    run: async (target) => {
      const body = Buffer.alloc(MIB, ' ');
      const { answers, honest, detail } = await measure(target, () => {
        const first = Buffer.from(head({ headers: signed('shopify').headers, length: MIB + 1 }));
        return attack(
          target,
          Array.from({ length: 150 }, () => Buffer.concat([first, body])),
          [],
        );
      });
      const odd = answers.filter((answer) => answer !== '408' && answer !== '503');
      const gaveWay = answers.filter((answer) => answer === '503').length;
      return { got: `${odd[0] ?? '408 or 503'}; ${honest}`, detail: `${gaveWay} rejected; ${detail}` };
    },
  },
];
