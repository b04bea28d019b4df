import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Row } from '../row.ts';
import type { Workspace } from '../workspace.ts';

const run = promisify(execFile);

/** Enough for a few thousand orders. */
const SMALL = '16m';
const LARGE = '512m';
const FULL = 2_000;

const diskOf = (folder: string) => join(folder, 'disk');

/** Mounts a separate disk for Redis. Requires root. */
async function mountDisk({ folder, onClose }: Workspace): Promise<string> {
  const disk = diskOf(folder);
  await mkdir(disk);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${SMALL}`, 'tmpfs', disk]);
  onClose(() => run('umount', [disk]));
  return disk;
}

export const diskFull: Row = {
  row: 15,
  fault: 'disk of the AOF full',
  passes: '503; no acknowledged delivery is lost',
  options: async (workspace) => ({ redisDir: await mountDisk(workspace) }),
  async run(scene) {
    const { redis } = scene.pipeline;
    const load = scene.load();
    // With appendfsync always Redis exits without its disk.
    const { code } = await redis.exited;
    scene.faultStarted();
    await load.answer(({ status }) => status === 503);
    await pause(FULL);
    const during = scene.responses.filter(({ sentAt }) => sentAt > scene.faultStartedAt);
    const others = during.filter(({ status }) => status !== 503).length;
    scene.check('responses other than 503 while full', during.length > 0 && others === 0, others);
    scene.check('exit code of Redis', code === 1, code ?? 'killed');
    await run('mount', ['-o', `remount,size=${LARGE}`, diskOf(scene.workspace.folder)]);
    await redis.restart();
    scene.faultEnded();
    await load.stop();
    await scene.drained();
  },
};
