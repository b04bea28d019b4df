import { createSourceRegistry, type SourceDefinition } from './sluice-events.ts';

/** Finds a source that comes with Sluice. */
export function builtIn(name: string): SourceDefinition {
  const source = createSourceRegistry().get(name);
  if (!source) throw new RangeError(`Sluice has no source ${name}`);
  return source;
}
