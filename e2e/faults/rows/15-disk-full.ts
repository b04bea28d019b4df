import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Row } from '../row.ts';
import type { Workspace } from '../workspace.ts';

const run = promisify(execFile);

/** Enough for some thousand orders. */
const SMALL = '16m';
const LARGE = '512m';
const FULL = 2_000;

const diskOf = (folder: string) => join(folder, 'disk');

/** Needs root: mounts a disk of its own for Redis. */
async function mountDisk({ folder, onClose }: Workspace): Promise<string> {
  const disk = diskOf(folder);
  await mkdir(disk);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${SMALL}`, 'tmpfs', disk]);
  onClose(() => run('umount', [disk]));
  return disk;
}

export const diskFull: Row = {
  row: 15,
  fault: 'the disk of the AOF is full',
  passes: '503; nothing acknowledged is lost',
  options: async (workspace) => ({ redisDir: await mountDisk(workspace) }),
  async run(scene) {
    const { redis } = scene.pipeline;
    const load = scene.load();
    // With appendfsync always it does not go on without its disk.
    const { code } = await redis.exited;
    scene.faultStarted();
    await load.answer(({ status }) => status === 503);
    await pause(FULL);
    const during = scene.responses.filter(({ sentAt }) => sentAt > scene.faultStartedAt);
    const others = during.filter(({ status }) => status !== 503).length;
    scene.check('answers but 503 while it was full', during.length > 0 && others === 0, others);
    scene.check('Redis gave up by itself, exit code', code === 1, code ?? 'killed');
    await run('mount', ['-o', `remount,size=${LARGE}`, diskOf(scene.workspace.folder)]);
    await redis.restart();
    scene.faultEnded();
    await load.stop();
    await scene.drained();
  },
};
