import { startConsole } from '../../start-console.ts';
import { TOKENS } from '../connections.ts';
import { asJson, asOperator, requestConsole } from '../console-requests.ts';
import { type Row, summarize } from '../row.ts';
import { countChanges, withWorkerFrozen } from '../target.ts';

const REPLAY = { method: 'POST', path: '/api/replays', body: '{"all":true,"note":"from another site"}' };

/** Headers that a browser adds to requests of another site, and forged ones. */
const FOREIGN: readonly Readonly<Record<string, string>>[] = [
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: 'http://127.0.0.1:1' },
  { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
];

/** Signs in like the console page and returns the cookie. */
async function signIn(console: Parameters<typeof requestConsole>[0]): Promise<string> {
  const body = JSON.stringify({ token: TOKENS.operator });
  const asked = { method: 'POST', path: '/api/session', headers: asJson, body };
  const cookie = /sluice_session=[\w-]+/.exec((await requestConsole(console, asked)).text)?.[0];
  if (cookie === undefined) throw new Error('the console gave no cookie');
  return cookie;
}

export const crossSite: readonly Row[] = [
  {
    row: 21,
    input: 'a replay requested by a page of another site, with a valid token',
    expected: '403; 0 changes in Redis',
    run: (target) =>
      withWorkerFrozen(target, async () => {
        const before = await countChanges(target);
        const results: [string, string][] = [];
        for (const foreign of FOREIGN) {
          const headers = { ...asOperator, ...asJson, ...foreign };
          const { status } = await requestConsole(target.console, { ...REPLAY, headers });
          results.push([JSON.stringify(foreign), String(status)]);
        }
        const { got, detail } = summarize(results, '403');
        return { got: `${got}; ${(await countChanges(target)) - before} changes in Redis`, detail };
      }),
  },
  {
    row: 21,
    input: 'the same with the cookie of a signed-in operator, from such a page or without an origin',
    expected: '403; 0 changes in Redis',
    run: (target) =>
      withWorkerFrozen(target, async () => {
        const cookie = await signIn(target.console);
        const before = await countChanges(target);
        const results: [string, string][] = [];
        for (const foreign of [...FOREIGN, {}]) {
          const headers = { cookie, ...asJson, ...foreign };
          const { status } = await requestConsole(target.console, { ...REPLAY, headers });
          results.push([JSON.stringify(foreign), String(status)]);
        }
        const { got, detail } = summarize(results, '403');
        return { got: `${got}; ${(await countChanges(target)) - before} changes in Redis`, detail };
      }),
  },
  {
    row: 21,
    input: 'the same as a form, which needs no CORS preflight, from a browser without Sec-Fetch-Site',
    expected: '415',
    run: async ({ console }) => {
      const results: [string, string][] = [];
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
      ]) {
        const headers = { ...asOperator, 'content-type': type };
        results.push([type, String((await requestConsole(console, { ...REPLAY, headers })).status)]);
      }
      return summarize(results, '415');
    },
  },
  {
    row: 21,
    input: 'another host name that resolves to a console without tokens (DNS rebinding)',
    expected: '403',
    run: async ({ pipeline }) => {
      const console = await startConsole(pipeline.env);
      const results: [string, string][] = [];
      for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io:3001', '']) {
        const headers = { ...asJson, host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
        results.push([host, String((await requestConsole(console, { ...REPLAY, headers })).status)]);
      }
      await console.stop();
      return summarize(results, '403');
    },
  },
];
