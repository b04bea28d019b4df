import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { withoutNulls } from '@sluice/events';
import { moduleKit } from './module-kit.ts';

export interface ModuleProblem {
  readonly message: string;
  readonly hint?: string;
  /** Words that the module threw, which may quote anything. */
  readonly foreign?: true;
}

export type Imported =
  | { readonly ok: true; readonly exported: unknown }
  | { readonly ok: false; readonly problem: ModuleProblem };

/**
 * Imports a module of the user's. Its default export is a function that is handed the kit, or it exports
 * `sources` and `events` itself.
 *
 * @param file absolute path
 */
export async function importModule(file: string): Promise<Imported> {
  const problem = problemOf(file);
  if (problem) return { ok: false, problem };
  const { href } = pathToFileURL(file);
  try {
    const module: Record<string, unknown> = await import(/* @vite-ignore */ href);
    const { default: main, sources, events } = module;
    if (typeof main === 'function') return { ok: true, exported: await main(moduleKit) };
    return { ok: true, exported: main ?? withoutNulls({ sources, events }) };
  } catch (error) {
    return { ok: false, problem: explain(error, file) };
  }
}

function problemOf(file: string): ModuleProblem | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  const hint = 'paths are relative to the connections file';
  if (!found) return { message: `there is no file ${file}`, hint };
  return found.isFile() ? undefined : { message: `${file} is no file`, hint };
}

function explain(error: unknown, file: string): ModuleProblem {
  if (!(error instanceof Error)) return { message: `threw ${error === null ? 'null' : typeof error}` };
  const [first = ''] = error.message.split('\n');
  if ('code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    const hint = 'write it as .mjs, or run Node 22.18 or newer';
    return { message: 'is of a kind that this Node cannot load', hint };
  }
  const place = placeIn(error, file);
  const thrown = { message: `threw ${error.name}: ${first}${place}`, foreign: true } as const;
  if (first.includes('@sluice/')) {
    const hint = 'import nothing of Sluice: export default ({ defineSource, defineEvent, z }) => …';
    return { ...thrown, hint };
  }
  // Node does not say where.
  if (error instanceof SyntaxError && place === '')
    return { ...thrown, hint: `node --check ${file} shows where` };
  return thrown;
}

/** The first line of the module that the stack names; a SyntaxError's stack begins with it. */
function placeIn({ stack = '' }: Error, file: string): string {
  const at = stack.indexOf(`${file}:`);
  const [, line] = at === -1 ? [] : (/^:(\d+)/.exec(stack.slice(at + file.length)) ?? []);
  return line === undefined ? '' : ` (line ${line})`;
}
