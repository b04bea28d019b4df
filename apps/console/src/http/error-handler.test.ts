import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { RedisNotReachedError } from '@sluice/queue';
import express from 'express';
import { expect, test } from 'vitest';
import { handleErrors } from './error-handler.ts';
import { isRedisUnavailable } from './problem.ts';

/** Returns the response and the log of a handler that throws the value. */
async function responseTo(thrown: unknown) {
  const logged: unknown[] = [];
  const app = express();
  app.get('/', () => {
    throw thrown;
  });
  app.use(handleErrors({ error: (...line: unknown[]) => void logged.push(line) }));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const text = await response.text();
  server.close();
  return { status: response.status, text, logged: JSON.stringify(logged) };
}

test('logs an unexpected error by class and place, without its message or stack', async () => {
  const { status, text, logged } = await responseTo(
    new TypeError('cannot read canary of {"email":"canary"}'),
  );
  expect(status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({ type: 'urn:sluice:problem:internal', status: 500 });
  expect(logged).toMatch(/"error":"TypeError","at":"http\/error-handler\.test\.ts:\d+:\d+"/);
  expect(text + logged).not.toMatch(/canary|node_modules|\n/);
  expect((await responseTo('canary')).logged).toContain('"error":"string"');
});

test.each([
  ["Stream isn't writeable and enableOfflineQueue options is false", 'Error', true],
  ['Connection is closed.', 'Error', true],
  ['LOADING Redis is loading the dataset in memory', 'ReplyError', true],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'ReplyError', true],
  ['READONLY You can not write against a read only replica.', 'ReplyError', true],
  ['ERR Error running script: attempt to index a nil value', 'ReplyError', false],
  ['LOADING is not an error of Redis here', 'Error', false],
])('recognizes that Redis is unavailable: "%s" as %s is %s', (message, name, isUnavailable) => {
  expect(isRedisUnavailable(Object.assign(new Error(message), { name }))).toBe(isUnavailable);
});

test('recognizes the error of the queue before Redis is reached', async () => {
  expect((await responseTo(new RedisNotReachedError())).status).toBe(503);
  expect((await responseTo(new Error(new RedisNotReachedError().message))).status).toBe(500);
});
