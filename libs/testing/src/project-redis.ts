import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isExecutable } from './find-on-path.ts';

export interface RedisBinary {
  readonly kind: 'binary';
  readonly path: string;
  /** For LD_LIBRARY_PATH, when the binary lives apart from its libraries. */
  readonly libraryPath?: string;
  readonly origin: 'path' | 'project';
}

/** The Redis whose packages were unpacked into `folder`, if there is one. */
export function findProjectRedis(folder: string): RedisBinary | undefined {
  const path = join(folder, 'usr/bin/redis-server');
  if (!isExecutable(path)) return undefined;
  return { kind: 'binary', path, libraryPath: libraryFolders(folder).join(':'), origin: 'project' };
}

/** Packages put their libraries into `usr/lib/<triplet>`, older ones into `lib/<triplet>`. */
function libraryFolders(folder: string): string[] {
  return ['usr/lib', 'lib'].flatMap((parent) =>
    subfolders(join(folder, parent)).filter((path) => readdirSync(path).some((name) => name.includes('.so'))),
  );
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
}
