import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Client } from '@botpress/client';
import { afterEach, expect, test } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const children = new Set<ChildProcess>();

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

function run(env: Record<string, string>) {
  const child = spawn(process.execPath, ['--conditions=@sluice/source', '--import', 'tsx', main], {
    env: { PATH: '/usr/bin:/bin', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  return { child, exit, stderr: text(child.stderr) };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'prints its URL once, serves, and exits with 0 on %s',
  async (signal) => {
    const { child, exit, stderr } = run({ SLUICE_SANDBOX_PORT: '0' });
    const lines: string[] = [];
    const reader = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    await once(reader, 'line');
    const { url, ...rest } = JSON.parse(lines[0] as string);
    expect(rest).toEqual({ level: 'info', msg: 'sandbox listening' });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });

    await fetch(`${url}/sandbox/faults`, { method: 'POST', body: '{"kind":"hold"}' });
    const held = new Client({ apiUrl: url, botId: 'b', token: 't' }).createEvent({ type: 'a', payload: {} });
    await fetch(`${url}/sandbox/wait?commits=1`);
    await fetch(`${url}/sandbox/faults`, { method: 'POST', body: '{"kind":"latency","ms":600000}' });
    const delayed = fetch(`${url}/v1/chat/events`, {
      method: 'POST',
      body: '{"type":"a","payload":{}}',
      headers: { authorization: 'Bearer t', 'x-bot-id': 'b', 'content-type': 'application/json' },
    });
    const delayedEnd = expect(delayed).rejects.toThrow();
    await fetch(`${url}/sandbox/wait?calls=2`);
    child.kill(signal);
    expect((await held).event.type).toBe('a');
    await delayedEnd;
    expect(await exit).toBe(0);
    expect(lines).toHaveLength(1);
    expect(await stderr).toBe('');
  },
);

test('reports a port in use with the fix and exits with 1', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const { exit, stderr } = run({ SLUICE_SANDBOX_PORT: String(port) });
  expect(await exit).toBe(1);
  expect(await stderr).toMatch(
    new RegExp(`^sandbox: Port ${port} on .* is in use\\. Set SLUICE_SANDBOX_PORT.*\n$`),
  );
  other.close();
});

test('reports an invalid setting and exits with 1', async () => {
  const { exit, stderr } = run({ SLUICE_SANDBOX_KEEP: '0' });
  expect(await exit).toBe(1);
  expect(await stderr).toBe('sandbox: SLUICE_SANDBOX_KEEP must be at least 1\n');
});
