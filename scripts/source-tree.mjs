import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('..', import.meta.url));

/** Returns the files of a checkout that git tracks or would track, as paths relative to its root. */
export function listFiles(root) {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 })
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(root, file)))
    .toSorted();
}

/** Whether a file is deployed: code of an app or a library that is neither a test nor a test helper. */
export function isProduction(file) {
  return (
    /^(apps|libs)\/[^/]+\/.*\.tsx?$/.test(file) &&
    !/\.test\.tsx?$/.test(file) &&
    !/(^|\/)test-support\//.test(file) &&
    !/^libs\/testing\//.test(file) &&
    !/\.config\.ts$/.test(file)
  );
}

/** Static and dynamic imports, re-exports and `import('…')` types; `import type` included. */
const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])([^'"\n]+)\1/g;

/** Returns the module specifiers that a TypeScript file imports, without those in comments. */
export function importsOf(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(SPECIFIER)].map(([, , specifier]) => specifier);
}

/**
 * Returns which file imports which, for relative imports among the given files.
 *
 * @param root folder of the checkout
 * @param files paths relative to it
 */
export function importGraph(root, files) {
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const targets = importsOf(readFileSync(join(root, file), 'utf8'))
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => join(dirname(file), specifier))
        .filter((target) => known.has(target) && target !== file);
      return [file, [...new Set(targets)]];
    }),
  );
}

/** Returns the strongly connected components of more than one node: files that import each other. */
export function cyclesOf(graph) {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const cycles = [];
  const visit = (node) => {
    index.set(node, index.size);
    low.set(node, index.get(node));
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node), low.get(next)));
    }
    if (low.get(node) !== index.get(node)) return;
    const component = stack.splice(stack.indexOf(node));
    if (component.length > 1) cycles.push(component.toSorted());
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return cycles;
}

/**
 * Returns the unit of a file: the folder or file directly below `src`. Those of the console's page are below
 * `web/src` and get the prefix `web/`.
 */
export function unitOf(file) {
  const [, page = '', unit = ''] = /^[^/]+\/[^/]+\/(web\/)?src\/([^/]+)/.exec(file) ?? [];
  return page + unit.replace(/\.tsx?$/, '');
}

/** The units of apps and libraries with a declared order, top down: a unit imports only units below it. */
export const DECLARED_ORDERS = {
  'libs/queue': [
    ...['index', 'testing', 'worker', 'inspect', 'replays', 'dead-letters', 'statuses', 'ledger', 'audit'],
    ...['consume', 'scheduler', 'enqueue', 'sharding', 'bullmq', 'records', 'redis', 'keys'],
  ],
  // The page imports only types of the API.
  'apps/console': [
    ...['web/main', 'web/app', 'web/shell', 'web/pages', 'web/ui', 'web/model', 'web/api'],
    ...['main', 'start-console', 'server', 'bin', 'reference', 'operations', 'sign-in', 'page', 'raw-queue'],
    ...['api', 'context', 'settings', 'replay-watch', 'backend', 'overview', 'notifications'],
    ...['schemas', 'guards', 'http'],
  ],
};
