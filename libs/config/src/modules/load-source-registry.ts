import { dirname, resolve } from 'node:path';
import { createSourceRegistry, type SourceRegistry } from '@sluice/events';
import { listOf } from '../check-connections.ts';
import { type ConnectionsDocument, parseConnectionsDocument } from '../connections-document.ts';
import type { Environment } from '../environment.ts';
import { interpolate } from '../interpolate.ts';
import { mistakesError, readConnectionsFile } from '../load-connections.ts';
import { redact } from '../redact.ts';
import { type CheckedModule, checkModule } from './check-module.ts';
import { extendRegistry } from './extend-registry.ts';
import { importModule, type ModuleProblem } from './import-module.ts';
import { modulesOf, rememberModules } from './loaded-modules.ts';

interface RegistryOptions {
  /** Where `${NAME}` is looked up; the process' own environment unless given. */
  readonly env?: Environment;
}

/**
 * Loads the modules that a connections file names, and returns the sources that its connections may name:
 * those of Sluice and those of the modules. Node keeps what it imported, so a change of a module takes a
 * restart. What is wrong with the rest of the file is left to `loadConnections`.
 *
 * @throws ConfigError with everything that is wrong with the modules, at their place in the file
 */
export async function loadSourceRegistry(
  path: string,
  options: RegistryOptions = {},
): Promise<SourceRegistry> {
  const text = readConnectionsFile(path);
  // Parsing 5,000 connections takes 0.8 s, and they are parsed again when they are checked.
  if (!text.includes('modules')) return createSourceRegistry();
  const parsed = parseConnectionsDocument(text);
  if (!parsed.ok) return createSourceRegistry();

  const { document } = parsed;
  const env = options.env ?? process.env;
  const { value, problems: unset } = interpolate({ modules: modulesOf(document.value) }, env);
  const names = unset.length > 0 ? [] : modulesOf(value);
  const checked: CheckedModule[] = [];
  // One after the other: that of a later one may rely on an earlier one having run.
  for (const name of names) checked.push(await loadModule(resolve(dirname(path), name)));

  const { registry, problems: clashes } = extendRegistry(
    checked.map((one) => (one.ok ? one.module : undefined)),
  );
  const found = checked.flatMap((one, module) =>
    one.ok ? [] : one.problems.map((problem) => ({ module, ...problem })),
  );
  const problems = [...found, ...clashes];
  if (problems.length > 0) throw toError(path, document, env, problems);
  rememberModules(registry, names);
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
  problems: readonly (ModuleProblem & { readonly module: number })[],
) {
  const { value, resolved } = interpolate(document.value, env);
  // What a module threw may quote a variable that it read itself, or the connections file.
  const hide = (message: string) =>
    listOf(value).reduce<string>((words, connection) => redact(words, connection, resolved), message);
  return mistakesError(
    file,
    problems.map(({ module, message, hint, foreign }) => ({
      file,
      path: `modules[${module}]`,
      ...document.position(['modules', module]),
      message: foreign ? hide(message) : message,
      ...(hint === undefined ? {} : { hint }),
    })),
  );
}
