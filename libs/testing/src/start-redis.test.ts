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

/** Sends one inline command and returns all of the answer, up to the goodbye. */
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
  test('returns a Redis that answers', async () => {
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

  test('takes more arguments', async () => {
    const redis = await start({ args: ['--maxmemory', '32mb'] });
    expect(await ask(redis, 'CONFIG GET maxmemory')).toContain(String(32 * 1024 * 1024));
  });

  test('says which port is busy', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toThrow(`port ${port} is busy: `);
  });

  test('says what Redis said when it dies at start', async () => {
    await expect(start({ args: ['--maxmemory', 'plenty'] })).rejects.toThrow(/last words:\n.*maxmemory/s);
  });

  test('stop leaves neither process nor temporary folder', async () => {
    const redis = await start();
    const { pid, dir } = redis;
    expect(isAlive(pid)).toBe(true);
    await redis.stop();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(String(dir))).toBe(false);
    expect(await redis.exited).toEqual({ code: 0, signal: null });
  });

  test('stop ends a frozen one, and may be called twice', async () => {
    const redis = await start();
    redis.signal('SIGSTOP');
    await redis.stop();
    await redis.stop();
    expect(isAlive(redis.pid)).toBe(false);
  });

  test('what was acknowledged is there after SIGKILL and restart, on the same port', async () => {
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

  test('a detached one has its own process group, so Ctrl-C does not reach it', async () => {
    const { pid } = await start({ detached: true });
    expect(process.kill(-Number(pid), 0)).toBe(true);
  });
});

describe('startRedis with REDIS_URL', () => {
  const env = { REDIS_URL: 'redis://127.0.0.1:6399' };

  test('shares what is there and never stops, signals or restarts it', async () => {
    const redis = await startRedis({ env });
    expect(redis).toMatchObject({ url: env.REDIS_URL, port: 6399, owned: false, pid: undefined });
    await redis.stop();
    expect(() => redis.signal('SIGSTOP')).toThrow('cannot send SIGSTOP to the Redis at REDIS_URL');
    await expect(redis.restart()).rejects.toThrow('cannot restart the Redis at REDIS_URL');
  });

  test('starts its own when asked to', async () => {
    const redis = await start({ env: { ...process.env, ...env } });
    expect(redis.owned).toBe(true);
    expect(redis.port).not.toBe(6399);
  });
});

test('freePort gives a port that can be listened on', async () => {
  const server = createServer().listen(await freePort(), '127.0.0.1');
  await once(server, 'listening');
  server.close();
});
