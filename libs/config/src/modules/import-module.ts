import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  defineCompliance,
  defineEvent,
  defineSource,
  sliceElements,
  sliceJson,
  verifyHmac,
  withoutNulls,
} from '@sluice/events';
import { z } from 'zod';
import type { ModuleProblem } from './module-schema.ts';

/**
 * Argument of a module's default export, a function that returns `{ sources, events }` or a promise of it. So a module
 * imports nothing of Sluice and may be in any folder.
 */
const moduleKit = {
  defineSource,
  defineEvent,
  defineCompliance,
  sliceElements,
  sliceJson,
  verifyHmac,
  withoutNulls,
  z,
} as const;

export type ModuleKit = typeof moduleKit;

export type ImportedModule =
  | { readonly ok: true; readonly exported: unknown }
  | { readonly ok: false; readonly problem: ModuleProblem };

/**
 * Imports a user's module. Its default export is a factory that takes the kit, or it exports `sources` and `events`.
 *
 * @param file absolute path
 */
export async function importModule(file: string): Promise<ImportedModule> {
  const problem = fileProblem(file);
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

function fileProblem(file: string): ModuleProblem | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  const hint = 'Paths are relative to the connections file';
  if (!found) return { message: `names the missing file ${file}`, hint };
  return found.isFile() ? undefined : { message: `names ${file}, which is not a file`, hint };
}

function explain(error: unknown, file: string): ModuleProblem {
  if (!(error instanceof Error)) return { message: `threw ${error === null ? 'null' : typeof error}` };
  const [first = ''] = error.message.split('\n');
  if ('code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    const hint = 'Write it as .mjs, or use Node.js 22.18 or later';
    return { message: 'has a file type that this version of Node.js cannot load', hint };
  }
  const line = lineIn(error, file);
  const thrown = { message: `threw ${error.name}: ${first}${line}`, foreign: true } as const;
  if (first.includes('@sluice/')) {
    const hint = 'Import nothing of Sluice: export default ({ defineSource, defineEvent, z }) => …';
    return { ...thrown, hint };
  }
  // Node.js does not report the position.
  if (error instanceof SyntaxError && line === '')
    return { ...thrown, hint: `Run node --check ${file} for the position` };
  return thrown;
}

/** Returns the first line of the module in the stack; the stack of a SyntaxError begins with it. */
function lineIn({ stack = '' }: Error, file: string): string {
  const at = stack.indexOf(`${file}:`);
  const [, line] = at === -1 ? [] : (/^:(\d+)/.exec(stack.slice(at + file.length)) ?? []);
  return line === undefined ? '' : ` (line ${line})`;
}
