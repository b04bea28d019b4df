import { dirname, resolve } from 'node:path';
import { createSourceRegistry, type EventDefinition, type SourceRegistry } from '@sluice/events';
import type { ConfigError } from '../config-error.ts';
import { connectionsIn, modulesIn, recordModules } from '../connections/check-connections.ts';
import { diagnosticsError, redact } from '../connections/diagnostics.ts';
import { type ConnectionsDocument, parseConnectionsDocument } from '../connections/document.ts';
import { interpolate } from '../connections/interpolate.ts';
import { readConnectionsFile } from '../connections/load-connections.ts';
import { suggest } from '../connections/suggest.ts';
import type { Environment } from '../environment/variables.ts';
import { importModule } from './import-module.ts';
import { type CheckedModule, checkModule, type ModuleProblem, type SourceModule } from './module-schema.ts';

interface RegistryOptions {
  /** Variables for `${NAME}`; by default the environment of the process. */
  readonly env?: Environment;
}

/** A problem of the module with this index. */
type IndexedProblem = ModuleProblem & { readonly module: number };

/**
 * Loads the modules of a connections file and returns the available sources: the built-in ones and those of the
 * modules. Node.js caches imports, so a changed module requires a restart. Problems in the rest of the file are left
 * to `loadConnections`.
 *
 * @throws ConfigError with all problems of the modules and their positions
 */
export async function loadSourceRegistry(
  path: string,
  options: RegistryOptions = {},
): Promise<SourceRegistry> {
  const text = readConnectionsFile(path);
  // Parsing 5,000 connections takes 0.8 s, and the check parses them again.
  if (!text.includes('modules')) return createSourceRegistry();
  const parsed = parseConnectionsDocument(text);
  if (!parsed.ok) return createSourceRegistry();

  const { document } = parsed;
  const env = options.env ?? process.env;
  const { value, findings } = interpolate({ modules: modulesIn(document.value) }, env);
  const names = findings.length > 0 ? [] : modulesIn(value);
  const checked: CheckedModule[] = [];
  // In sequence: a module may depend on an earlier one.
  for (const name of names) checked.push(await loadModule(resolve(dirname(path), name)));

  const { registry, problems: conflicts } = extendRegistry(
    checked.map((one) => (one.ok ? one.module : undefined)),
  );
  const invalid = checked.flatMap((one, module) =>
    one.ok ? [] : one.problems.map((problem) => ({ module, ...problem })),
  );
  const problems = [...invalid, ...conflicts];
  if (problems.length > 0) throw toError(path, document, env, problems);
  recordModules(registry, names);
  return registry;
}

async function loadModule(file: string): Promise<CheckedModule> {
  const imported = await importModule(file);
  return imported.ok ? checkModule(imported.exported) : { ok: false, problems: [imported.problem] };
}

function toError(
  file: string,
  document: ConnectionsDocument,
  env: Environment,
  problems: readonly IndexedProblem[],
): ConfigError {
  const { value, resolved } = interpolate(document.value, env);
  // A module may throw the value of a variable or a part of the connections file.
  const mask = (message: string) =>
    connectionsIn(value).reduce<string>(
      (masked, connection) => redact(masked, connection, resolved),
      message,
    );
  return diagnosticsError(
    file,
    problems.map(({ module, message, hint, foreign }) => ({
      file,
      path: `modules[${module}]`,
      ...document.position(['modules', module]),
      message: foreign ? mask(message) : message,
      ...(hint === undefined ? {} : { hint }),
    })),
  );
}

interface Extension {
  readonly registry: SourceRegistry;
  readonly problems: readonly IndexedProblem[];
}

/** Adds the sources of all modules to the built-in ones, then their events, unless names or topics conflict. */
function extendRegistry(modules: readonly (SourceModule | undefined)[]): Extension {
  const sources = new Map(createSourceRegistry());
  const problems: IndexedProblem[] = [];
  for (const [module, loaded] of modules.entries()) {
    for (const source of loaded?.sources ?? []) {
      const conflicts = findConflicts([], source.events);
      problems.push(
        ...conflicts.map((conflict) => ({ module, message: `${conflict} in source ${source.name}` })),
      );
      if (sources.has(source.name)) problems.push({ module, ...takenName(source.name) });
      else sources.set(source.name, source);
    }
  }
  for (const [module, loaded] of modules.entries()) {
    for (const [name, events] of Object.entries(loaded?.events ?? {})) {
      const source = sources.get(name);
      if (!source) {
        const message = `adds events to the unknown source "${name}"`;
        problems.push({ module, message, hint: suggest(name, [...sources.keys()]) });
        continue;
      }
      const conflicts = findConflicts(source.events, events);
      problems.push(...conflicts.map((conflict) => ({ module, message: `${conflict} in events.${name}` })));
      sources.set(name, { ...source, events: [...source.events, ...events] });
    }
  }
  return { registry: sources, problems };
}

/** Returns a message for each added event whose name or topic is in use in the source. */
function findConflicts(present: readonly EventDefinition[], added: readonly EventDefinition[]): string[] {
  const topics = new Map(present.flatMap((event) => topicsOf(event).map((topic) => [topic, event.name])));
  const names = new Set(present.map(({ name }) => name));
  const conflicts: string[] = [];
  for (const event of added) {
    if (names.has(event.name)) conflicts.push(`defines a second event ${event.name}`);
    names.add(event.name);
    for (const topic of topicsOf(event)) {
      const earlier = topics.get(topic);
      if (earlier !== undefined)
        conflicts.push(`assigns the topic ${topic} of ${earlier} to ${event.name} as well`);
      topics.set(topic, event.name);
    }
  }
  return conflicts;
}

const topicsOf = ({ topic }: EventDefinition): string[] => [topic].flat();

function takenName(name: string): ModuleProblem {
  return {
    message: `defines the source ${name}, which exists already`,
    hint: `Choose another name; to add events to it, export events: { ${JSON.stringify(name)}: [ … ] }`,
  };
}
