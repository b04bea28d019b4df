import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const module = fileURLToPath(new URL('lifecycle.ts', import.meta.url));

/** Starts a process that drains with the expression `drain`. It prints `up` when it is ready for signals. */
function start(drain: string, then = '') {
  const source = `
    import { shutDownOnSignal } from ${JSON.stringify(module)};
    const say = (...words) => process.stdout.write(words.at(-1) + ' ' + JSON.stringify(words[0]) + '\\n');
    const logger = { info: say, warn: say, error: say, fatal: say };
    shutDownOnSignal({ logger, deadline: 300, drain: () => ${drain} });
    setInterval(() => {}, 1000);
    say('up');
    ${then};
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', source]);
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const prints = async (word: string) => {
    while (!output.includes(word)) await once(child.stdout, 'data');
  };
  return { child, prints, ended: once(child, 'close'), output: () => output, errors: () => errors };
}

test('drains and exits with code 0 on SIGTERM', async () => {
  const { child, prints, ended, output } = start('Promise.resolve()');
  await prints('up');
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
  expect(output()).toContain('shutdown.completed');
});

test('exits with code 1 when draining exceeds the deadline', async () => {
  const { child, prints, ended, output } = start('new Promise(() => {})');
  await prints('up');
  child.kill('SIGINT');
  expect((await ended)[0]).toBe(1);
  expect(output()).toContain('shutdown.timed_out');
});

test('exits immediately with code 1 on a second signal', async () => {
  const { child, prints, ended, output } = start('new Promise(() => {})');
  await prints('up');
  child.kill('SIGTERM');
  await prints('shutdown.started');
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(1);
  expect(output()).toContain('shutdown.forced');
});

test('exits with code 1 when draining fails', async () => {
  const { child, prints, ended, output } = start("Promise.reject(new Error('no'))");
  await prints('up');
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(1);
  expect(output()).toContain('shutdown.failed');
});

test.each([
  ['error', "setImmediate(() => JSON.parse('canary'))"],
  ['rejection', "Promise.reject(new SyntaxError('canary'))"],
])('logs an uncaught %s without its message and exits with code 1', async (_kind, crash) => {
  const { prints, ended, output, errors } = start('Promise.resolve()', crash);
  await prints('up');
  expect((await ended)[0]).toBe(1);
  expect(output()).toMatch(/^process\.crashed \{"error":"SyntaxError","at":"at /m);
  expect(output() + errors()).not.toContain('canary');
});
