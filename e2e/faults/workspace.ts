import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Temporary folder and cleanup functions of a row or soak. */
export interface Workspace {
  /** Temporary folder, removed on close. */
  readonly folder: string;
  /** Registers a cleanup function. Cleanup runs in reverse order. */
  onClose(undo: () => Promise<unknown>): void;
}

/** Opens a workspace. `close` runs all cleanup functions and removes the folder. */
export async function openWorkspace(): Promise<Workspace & { close(): Promise<void> }> {
  const undos: (() => Promise<unknown>)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'sluice-faults-'));
  return {
    folder,
    onClose: (undo) => void undos.push(undo),
    close: async () => {
      // A failed cleanup must not prevent the others.
      for (const undo of undos.toReversed()) await undo().catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}
