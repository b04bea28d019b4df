import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const repository = fileURLToPath(new URL('..', import.meta.url));
const imports = (name: string) => `export { z } from '${name}';`;

/** Permitted imports: file, import. */
const legal: [string, string][] = [
  ['libs/events/src/x.ts', 'zod'],
  ['libs/events/src/x.ts', 'node:crypto'],
  ['libs/events/src/x.ts', 'node:buffer'],
  ['libs/events/src/sources/shopify/x.ts', '../../delivery.ts'],
  ['libs/events/src/x.test.ts', 'node:fs'],
  ['libs/config/src/x.ts', '@sluice/events'],
  ['libs/config/bin/x.ts', '../src/index.ts'],
  ['libs/observability/src/x.ts', '@sluice/events'],
  ['libs/queue/src/x.ts', '@sluice/config'],
  ['libs/queue/src/x.test.ts', '@sluice/testing'],
  ['libs/queue/src/bullmq/x.ts', 'bullmq'],
  ['libs/queue/src/consume/x.test.ts', 'bullmq'],
  ['libs/botpress/src/x.ts', '@sluice/observability'],
  ['apps/ingest/src/x.ts', '@sluice/queue'],
  ['apps/ingest/src/x.test.ts', '@sluice/testing'],
  ['apps/worker/src/x.ts', '@sluice/botpress'],
  ['apps/demo/src/x.ts', '@sluice/testing'],
  ['apps/console/src/x.test.ts', '@sluice/queue/testing'],
  ['apps/console/src/test-support/x.ts', '@sluice/queue/testing'],
  ['bench/x.ts', '@sluice/queue/testing'],
  ['e2e/x.test.ts', '@sluice/testing'],
];

const refused: [string, string][] = [
  ['libs/events/src/x.ts', 'node:fs'],
  ['libs/events/src/x.ts', '@sluice/config'],
  ['libs/events/src/x.ts', '../../queue/src/index.ts'],
  ['libs/events/src/sources/shopify/x.ts', '../../../../queue/src/index.ts'],
  ['libs/events/src/x.test.ts', '@sluice/queue'],
  ['libs/config/src/x.ts', '@sluice/queue'],
  ['libs/config/src/x.ts', '@sluice/observability'],
  ['libs/observability/src/x.ts', '@sluice/config'],
  ['libs/queue/src/x.ts', '@sluice/botpress'],
  ['libs/queue/src/x.test.ts', '@sluice/botpress'],
  ['libs/queue/src/x.ts', '@sluice/testing'],
  ['libs/queue/src/consume/x.ts', 'bullmq'],
  ['apps/console/src/x.ts', 'bullmq'],
  ['libs/botpress/src/x.ts', '@sluice/queue'],
  ['libs/botpress/src/x.ts', '@sluice/ingest'],
  ['libs/testing/src/x.ts', '@sluice/sandbox'],
  ['apps/ingest/src/x.ts', '@sluice/botpress'],
  ['apps/ingest/src/x.ts', '@sluice/worker'],
  ['apps/ingest/src/x.ts', '../../worker/src/main.ts'],
  ['apps/ingest/src/x.ts', '@sluice/testing'],
  ['apps/worker/src/x.ts', '@sluice/ingest'],
  ['apps/worker/src/x.ts', '@sluice/testing'],
  ['apps/worker/src/x.ts', '@sluice/queue/testing'],
  ['apps/demo/src/x.ts', '@sluice/queue/testing'],
  ['apps/demo/src/x.ts', '@sluice/sandbox'],
];

/** Other rejected code: file, code, rule. */
const habits: [string, string, string][] = [
  ['libs/queue/src/x.test.ts', `vi.mock('./enqueue.ts', () => ({ enqueue: 1 }));`, 'plugin'],
  ['e2e/x.test.ts', `vi.doMock(import('@sluice/queue'));`, 'plugin'],
  ['apps/cli/src/x.test.ts', `await vi.waitFor(() => 1);`, 'plugin'],
  ['libs/queue/src/x.ts', `export const url = process.env.REDIS_URL;`, 'lint/style/noProcessEnv'],
  ['apps/ingest/src/main.ts', `export const port = process.env.PORT;`, 'lint/style/noProcessEnv'],
  ['apps/worker/src/x.ts', `console.log('hello');`, 'lint/suspicious/noConsole'],
  ['libs/queue/src/x.ts', imports('left-pad'), 'lint/correctness/noUndeclaredDependencies'],
  ['libs/queue/src/x.ts', `export { one } from './two.ts';`, 'lint/suspicious/noImportCycles'],
  ['libs/queue/src/x.ts', `export const f = (a: any) => a;`, 'lint/suspicious/noExplicitAny'],
  ['apps/worker/src/x.ts', `export async function f() {} f();`, 'lint/nursery/noFloatingPromises'],
];

interface Case {
  readonly file: string;
  readonly code: string;
}

/** Each snippet has its own folder, so that one run checks all. */
const cases: readonly Case[] = [
  ...[...legal, ...refused].map(([file, name]) => ({ file, code: imports(name) })),
  ...habits.map(([file, code]) => ({ file, code })),
].map(({ file, code }, index) => ({ file: join(dirname(file), `case-${index}`, basename(file)), code }));

let root: string;
let broken: Map<string, Set<string>>;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-boundaries-'));
  const manifests = ['apps', 'libs']
    .flatMap((parent) =>
      readdirSync(join(repository, parent)).map((name) => `${parent}/${name}/package.json`),
    )
    .filter((file) => existsSync(join(repository, file)));
  for (const file of ['biome.json', '.biome', '.gitignore', 'package.json', ...manifests]) {
    cpSync(join(repository, file), join(root, file), { recursive: true });
  }
  for (const { file, code } of cases) {
    write(file, code);
    write(join(dirname(file), 'two.ts'), `export { one } from './x.ts';`);
  }
  broken = lint();
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), `${text}\n`);
}

/** Returns the broken rules by file. */
function lint(): Map<string, Set<string>> {
  const biome = join(repository, 'node_modules/.bin/biome');
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const { stdout } = spawnSync(biome, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { path: string } }[];
  };
  const byFile = new Map(cases.map(({ file }) => [file, new Set<string>()]));
  for (const { category, location } of diagnostics) byFile.get(location.path)?.add(category);
  return byFile;
}

/** Returns the rules broken by a case, by its index in `cases`. */
function rulesBrokenBy(index: number): string[] {
  return [...(broken.get(String(cases[index]?.file)) ?? ['no such case'])];
}

const isBoundary = (rule: string) => rule === 'lint/style/noRestrictedImports' || rule === 'plugin';

describe('module boundaries', () => {
  test.each(legal.map((row, index) => [...row, index] as const))(
    '%s may import %s',
    (_file, _name, index) => {
      expect(rulesBrokenBy(index).filter(isBoundary)).toEqual([]);
    },
  );

  const first = legal.length;
  test.each(refused.map((row, index) => [...row, first + index] as const))(
    '%s may not import %s',
    (_file, _name, index) => {
      expect(rulesBrokenBy(index).filter(isBoundary)).not.toEqual([]);
    },
  );
});

describe('lint rules', () => {
  const first = legal.length + refused.length;
  test.each(habits.map((row, index) => [...row, first + index] as const))(
    '%s: rejects %s',
    (_file, _code, rule, index) => {
      expect(rulesBrokenBy(index)).toContain(rule);
    },
  );
});
