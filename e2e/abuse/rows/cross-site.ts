import { startConsole } from '../../start-console.ts';
import { TOKENS } from '../connections.ts';
import { asJson, asOperator, requestConsole } from '../console-requests.ts';
import { type Row, summarize } from '../row.ts';
import { countChanges, withWorkerFrozen } from '../target.ts';

const REPLAY = { method: 'POST', path: '/api/replays', body: '{"all":true,"note":"of another site"}' };

/** What a browser adds to what another site's page sends, and pages that call themselves something else. */
const FOREIGN: readonly Readonly<Record<string, string>>[] = [
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: 'http://127.0.0.1:1' },
  { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
];

/** Signs in as the page does; returns the cookie. Throws an Error if there is none. */
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
    input: 'a replay that the page of another site asks for, with the right token',
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
    input: 'the same with the cookie of somebody who is signed in, from such a page or from no page',
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
    input: 'the same as a form, which needs nobody’s permission, from a browser that tells no site',
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
    input: 'a name of another site that leads to a console without tokens (DNS rebinding)',
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
