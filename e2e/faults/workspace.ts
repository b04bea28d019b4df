import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a row, or a soak, makes and leaves behind. */
export interface Workspace {
  /** An empty folder, removed in the end. */
  readonly folder: string;
  /** Called in the end, the last first. */
  onClose(undo: () => Promise<unknown>): void;
}

/** Opens an empty one; `close` undoes whatever was made in it. */
export async function openWorkspace(): Promise<Workspace & { close(): Promise<void> }> {
  const undos: (() => Promise<unknown>)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'sluice-faults-'));
  return {
    folder,
    onClose: (undo) => void undos.push(undo),
    close: async () => {
      // One that fails must not leave what the others would end.
      for (const undo of undos.toReversed()) await undo().catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}
