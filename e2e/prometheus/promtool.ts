import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findPrometheus } from '@sluice/testing';

const run = promisify(execFile);

/**
 * Runs promtool.
 *
 * @throws Error with its output if it fails
 */
export async function promtool(...args: readonly string[]): Promise<string> {
  const { promtool: program } = await findPrometheus();
  try {
    return (await run(program, args, { maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${stdout}\n${stderr}`.trim() || String(error));
  }
}
