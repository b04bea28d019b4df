import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, test } from 'vitest';
import { answerError } from './answer-error.ts';
import { isRedisAway } from './redis-away.ts';

/** What is answered and logged when a handler throws that. */
async function answerTo(thrown: unknown) {
  const logged: unknown[] = [];
  const app = express();
  app.get('/', () => {
    throw thrown;
  });
  app.use(answerError({ error: (...told: unknown[]) => void logged.push(told) }));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const text = await answer.text();
  server.close();
  return { status: answer.status, text, logged: JSON.stringify(logged) };
}

test('what nobody foresaw is told by its name and place, without a word or a stack', async () => {
  const { status, text, logged } = await answerTo(new TypeError('cannot read canary of {"email":"canary"}'));
  expect(status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({ type: 'urn:sluice:problem:internal', status: 500 });
  expect(logged).toMatch(/"error":"TypeError","place":"src\/answer-error\.test\.ts:\d+:\d+"/);
  expect(text + logged).not.toMatch(/canary|node_modules|\n/);
  expect((await answerTo('canary')).logged).toContain('"error":"string"');
});

test.each([
  ["Stream isn't writeable and enableOfflineQueue options is false", 'Error', true],
  ['Connection is closed.', 'Error', true],
  ['Redis has not been reached', 'Error', true],
  ['LOADING Redis is loading the dataset in memory', 'ReplyError', true],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'ReplyError', true],
  ['READONLY You can not write against a read only replica.', 'ReplyError', true],
  ['ERR Error running script: attempt to index a nil value', 'ReplyError', false],
  ['LOADING is no word of ours', 'Error', false],
])('%s is Redis away: %s %s', (message, name, isAway) => {
  expect(isRedisAway(Object.assign(new Error(message), { name }))).toBe(isAway);
});
