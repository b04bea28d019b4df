import type { SourceRegistry } from '@sluice/events';
import type { Explanation } from '../explain-issue.ts';

const loaded = new WeakMap<SourceRegistry, ReadonlySet<string>>();

/** Remembers which modules, as the connections file names them, are in a registry. */
export function rememberModules(registry: SourceRegistry, modules: readonly string[]): void {
  loaded.set(registry, new Set(modules));
}

/** Finds modules that the file names and that are not in the registry: it was edited since the start. */
export function findUnloaded(file: unknown, registry: SourceRegistry): Explanation[] {
  const known = loaded.get(registry);
  return modulesOf(file).flatMap((module, index) =>
    known?.has(module)
      ? []
      : [
          {
            path: ['modules', index],
            message: 'is not loaded',
            hint: 'modules are read at start: restart Sluice',
          },
        ],
  );
}

/** The modules that a file names; none where it is not a list of texts, which its schema tells. */
export function modulesOf(file: unknown): readonly string[] {
  const list = typeof file === 'object' && file !== null && 'modules' in file ? file.modules : [];
  return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : [];
}
