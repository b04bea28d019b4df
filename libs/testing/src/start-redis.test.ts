import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from './ports.ts';
import { type RunningRedis, type StartRedisOptions, startRedis } from './start-redis.ts';

const started: RunningRedis[] = [];

async function start(options: StartRedisOptions = {}): Promise<RunningRedis> {
  const redis = await startRedis({ own: true, ...options });
  started.push(redis);
  return redis;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((redis) => redis.stop()));
});

/** Sends one inline command and returns the reply without that of QUIT. */
async function ask({ port }: { port: number }, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(`${command}\r\nQUIT\r\n`);
  const chunks = await socket.toArray();
  return Buffer.concat(chunks)
    .toString()
    .replace(/\+OK\r\n$/, '');
}

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('startRedis', () => {
  test('returns a Redis that responds', async () => {
    const redis = await start();
    expect(await ask(redis, 'PING')).toBe('+PONG\r\n');
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
  });

  test.each([
    ['appendonly', 'yes'],
    ['appendfsync', 'always'],
    ['maxmemory-policy', 'noeviction'],
    ['bind', '127.0.0.1'],
    ['protected-mode', 'yes'],
    ['save', ''],
  ])('sets %s to %j', async (name, value) => {
    const answer = await ask(await start(), `CONFIG GET ${name}`);
    expect(answer.split('\r\n')[4]).toBe(value);
  });

  test('passes additional arguments', async () => {
    const redis = await start({ args: ['--maxmemory', '32mb'] });
    expect(await ask(redis, 'CONFIG GET maxmemory')).toContain(String(32 * 1024 * 1024));
  });

  test('names a busy port', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toThrow(`Port ${port} is in use. `);
  });

  test('reports the output of a Redis that exits at start', async () => {
    await expect(start({ args: ['--maxmemory', 'plenty'] })).rejects.toThrow(/last output:\n.*maxmemory/s);
  });

  test('stop leaves neither a process nor a temporary folder', async () => {
    const redis = await start();
    const { pid, dir } = redis;
    expect(isAlive(pid)).toBe(true);
    await redis.stop();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(String(dir))).toBe(false);
    expect(await redis.exited).toEqual({ code: 0, signal: null });
  });

  test('stop ends a frozen Redis and can be called twice', async () => {
    const redis = await start();
    redis.signal('SIGSTOP');
    await redis.stop();
    await redis.stop();
    expect(isAlive(redis.pid)).toBe(false);
  });

  test('keeps acknowledged writes and the port after SIGKILL and a restart', async () => {
    const redis = await start();
    const { pid, port } = redis;
    expect(await ask(redis, 'SET order 820982911946154508')).toBe('+OK\r\n');
    redis.signal('SIGKILL');
    expect(await redis.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await redis.restart();
    expect(redis.pid).not.toBe(pid);
    expect(redis.port).toBe(port);
    expect(await ask(redis, 'GET order')).toContain('820982911946154508');
  });

  test('a detached Redis has its own process group, so Ctrl-C does not reach it', async () => {
    const { pid } = await start({ detached: true });
    expect(process.kill(-Number(pid), 0)).toBe(true);
  });
});

describe('startRedis with REDIS_URL', () => {
  const env = { REDIS_URL: 'redis://127.0.0.1:6399' };

  test('uses the shared Redis and never stops, signals or restarts it', async () => {
    const redis = await startRedis({ env });
    expect(redis).toMatchObject({ url: env.REDIS_URL, port: 6399, owned: false, pid: undefined });
    await redis.stop();
    expect(() => redis.signal('SIGSTOP')).toThrow('Cannot send SIGSTOP to the Redis at REDIS_URL');
    await expect(redis.restart()).rejects.toThrow('Cannot restart the Redis at REDIS_URL');
  });

  test('starts its own Redis with `own`', async () => {
    const redis = await start({ env: { ...process.env, ...env } });
    expect(redis.owned).toBe(true);
    expect(redis.port).not.toBe(6399);
  });
});

test('freePort returns a port that is free', async () => {
  const server = createServer().listen(await freePort(), '127.0.0.1');
  await once(server, 'listening');
  server.close();
});
