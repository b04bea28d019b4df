import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isErrno } from './is-errno.ts';

/** `apt-get update` and the download take 3 s (measured); a mirror at 100 kB/s takes 110 s. */
const STALE_AFTER_MS = 180_000;
const LOOK_EVERY_MS = 100;

/**
 * Runs `work` while no other process holds the same lock file. Waits for the lock.
 *
 * Takes over a lock whose holder has died, or that is older than three minutes. Two processes that take over at the
 * same time may both run, so `work` must be safe to run twice.
 */
export async function withFileLock<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  await mkdir(dirname(file), { recursive: true });
  const deadline = Date.now() + 2 * STALE_AFTER_MS;
  while (!(await take(file))) {
    if (Date.now() > deadline)
      throw new Error(`The lock ${file} is still held. Remove it if no Sluice process is running.`);
    if (await isStale(file)) await rm(file, { force: true });
    else await delay(LOOK_EVERY_MS);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isStale(file: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > STALE_AFTER_MS) return true;
    const holder = Number(await readFile(file, 'utf8'));
    // Empty for an instant between its creation and the write.
    return holder > 0 && !isAlive(holder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is alive and belongs to another user.
    return isErrno(error, 'EPERM');
  }
}
