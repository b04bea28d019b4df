import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningRedis } from '@sluice/testing';

/** Simulates a power cut of a Redis. */
export interface PowerCut {
  /** Kills Redis and truncates its file to the last fsync. Returns the number of removed bytes. */
  cut(): Promise<number>;
}

/**
 * Traces with strace what Redis writes to its append-only file and what it has synced: the least that a machine
 * finds after a power cut. Call it while nothing is being written.
 *
 * @throws Error without strace
 */
export async function watchForPowerCut(redis: RunningRedis, folder: string): Promise<PowerCut> {
  const file = await currentFile(redis);
  const { size } = await stat(file);
  const trace = join(folder, 'strace');
  const what = ['-f', '-y', '-s', '0', '-e', 'trace=write,fdatasync'];
  const strace = spawn('strace', [...what, '-o', trace, '-p', String(redis.pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await attached(strace);
  const ended = once(strace, 'exit');
  return {
    async cut() {
      redis.signal('SIGKILL');
      await redis.exited;
      await ended;
      const { written, synced } = readTrace(await readFile(trace, 'utf8'), file);
      await truncate(file, size + synced);
      return written - synced;
    },
  };
}

/** Returns the part of the file that Redis appends to. Redis rewrites it only above 64 MB. */
async function currentFile({ dir }: RunningRedis): Promise<string> {
  const folder = join(String(dir), 'appendonlydir');
  const name = (await readdir(folder)).find((candidate) => candidate.endsWith('.incr.aof'));
  if (!name) throw new Error(`no append-only file in ${folder}`);
  return join(folder, name);
}

async function attached(strace: ChildProcess): Promise<void> {
  const [message] = (await Promise.race([once(strace.stderr ?? strace, 'data'), once(strace, 'error')])) as [
    unknown,
  ];
  if (!/attached/.test(String(message))) throw new Error(`strace: ${message}`);
}

/** strace splits a call into two lines when it is interrupted by another thread. */
const LINE = /^(\d+)\s+(?:<\.\.\. )?(write|fdatasync)(?:\(\d+<([^>]*)>| resumed>)(.*)$/;
const RESULT = /= (-?\d+)(?: |$)/;

/** Returns the bytes written to the file, and those covered by a later fsync. */
function readTrace(text: string, file: string): { written: number; synced: number } {
  const begun = new Map<string, { path: string | undefined; writtenBefore: number }>();
  let written = 0;
  let synced = 0;
  for (const line of text.split('\n')) {
    const [, thread = '', call, path, rest = ''] = LINE.exec(line) ?? [];
    if (!call) continue;
    const begin = path === undefined ? begun.get(thread) : { path, writtenBefore: written };
    if (begin === undefined || begin.path !== file) continue;
    const result = Number(RESULT.exec(rest)?.[1] ?? Number.NaN);
    if (Number.isNaN(result)) begun.set(thread, begin);
    else if (call === 'write') written += Math.max(0, result);
    else if (result === 0) synced = Math.max(synced, begin.writtenBefore);
  }
  return { written, synced };
}
