import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { startConsole } from '../../start-console.ts';
import { CONSOLE_TOKENS, TOKENS } from '../connections.ts';
import { asJson, operationsOf, requestConsole } from '../console-requests.ts';
import { type Row, summarize } from '../row.ts';

/** Guesses of a client without a token. */
const GUESSES: readonly Readonly<Record<string, string>>[] = [
  {},
  { authorization: 'Bearer' },
  { authorization: `Bearer ${TOKENS.operator.slice(0, -1)}` },
  { authorization: `Basic ${Buffer.from(`olga:${TOKENS.operator}`).toString('base64')}` },
  { cookie: `token=${TOKENS.operator}` },
  { cookie: `sluice_session=${TOKENS.operator}` },
];

/** Failed sign-ins that a console allows per address. */
const FAILED_SIGN_INS = 20;

/** Addresses of this machine that other machines can reach. */
const addresses = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .filter(({ internal, family }) => !internal && family === 'IPv4')
  .map(({ address }) => address);

/** Whether a process listens at this address. */
function listens(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 2_000 });
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

export const anonymous: readonly Row[] = [
  {
    row: 20,
    input: 'no token, a part of one, one in the wrong place: every operation of the console, and its metrics',
    expected: '401',
    run: async ({ pipeline, console: known }) => {
      const operations = [...(await operationsOf(known)), { method: 'GET', path: '/metrics' }];
      const asked = GUESSES.flatMap((guess) => operations.map((operation) => ({ ...operation, guess })));
      const results: [string, string][] = [];
      for (let from = 0; from < asked.length; from += FAILED_SIGN_INS) {
        const console = await startConsole({ ...pipeline.env, SLUICE_CONSOLE_TOKENS: CONSOLE_TOKENS });
        for (const { guess, method, path } of asked.slice(from, from + FAILED_SIGN_INS)) {
          const headers = { ...asJson, ...guess };
          const { status } = await requestConsole(console, { method, path, headers });
          results.push([`${Object.keys(guess)} ${method} ${path}`, String(status)]);
        }
        await console.stop();
      }
      return summarize(results, '401');
    },
  },
  {
    row: 20,
    input: 'metrics of ingest and worker, and a console without tokens, from another machine',
    expected: 'connection refused',
    run: async ({ pipeline }) => {
      const console = await startConsole(pipeline.env);
      const urls = [pipeline.ingest.ready.metricsUrl, pipeline.worker.url, console.url];
      const ports = urls.map((url) => Number(new URL(String(url)).port));
      const open = await Promise.all(
        ports.flatMap((port) => addresses.map((address) => listens(address, port))),
      );
      await console.stop();
      const got = open.some((is) => is) ? 'connected' : 'connection refused';
      return { got, detail: `${addresses.length} addresses, ${ports.length} ports` };
    },
  },
  {
    row: 20,
    input: 'a console without tokens on a public address',
    expected: 'does not start',
    run: async ({ pipeline }) => {
      const starting = startConsole({ ...pipeline.env, SLUICE_CONSOLE_HOST: '0.0.0.0' });
      return starting.then(
        async (console) => {
          await console.stop();
          return 'starts';
        },
        (error: unknown) => (String(error).includes('no tokens') ? 'does not start' : String(error)),
      );
    },
  },
];
