import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const module = fileURLToPath(new URL('shutdown.ts', import.meta.url));

/** A process that drains for as long as `drain` says, and tells when it is ready for signals. */
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
  let complaints = '';
  child.stderr.on('data', (data) => {
    complaints += data;
  });
  const says = async (word: string) => {
    while (!output.includes(word)) await once(child.stdout, 'data');
  };
  return { child, says, ended: once(child, 'close'), output: () => output, complaints: () => complaints };
}

test('drains and ends with 0', async () => {
  const { child, says, ended, output } = start('Promise.resolve()');
  await says('up');
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
  expect(output()).toContain('drained');
});

test('ends hard with 1 when draining takes longer than the deadline', async () => {
  const { child, says, ended, output } = start('new Promise(() => {})');
  await says('up');
  child.kill('SIGINT');
  expect((await ended)[0]).toBe(1);
  expect(output()).toContain('not drained within the deadline');
});

test('ends at once on a second signal', async () => {
  const { child, says, ended, output } = start('new Promise(() => {})');
  await says('up');
  child.kill('SIGTERM');
  await says('draining');
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(1);
  expect(output()).toContain('second signal');
});

test('ends with 1 when draining fails', async () => {
  const { child, says, ended, output } = start("Promise.reject(new Error('no'))");
  await says('up');
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(1);
  expect(output()).toContain('draining failed');
});

test.each([
  ['an error', "setImmediate(() => JSON.parse('canary'))"],
  ['a rejection', "Promise.reject(new SyntaxError('canary'))"],
])('%s that nobody has caught is told without its message, and ends it with 1', async (_what, crash) => {
  const { says, ended, output, complaints } = start('Promise.resolve()', crash);
  await says('up');
  expect((await ended)[0]).toBe(1);
  expect(output()).toMatch(/^crashed \{"error":"SyntaxError","at":"at /m);
  expect(output() + complaints()).not.toContain('canary');
});
