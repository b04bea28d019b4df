import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { anchors, linkTargets, type Page, ROOT, readPages } from './docs/pages.ts';

const pages = readPages();

function brokenLinks(page: Page): string[] {
  return linkTargets(page)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !exists(page, target))
    .map((target) => `${page.path}: ${target}`);
}

function exists(page: Page, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path ? posix.join(posix.dirname(page.path), path) : page.path;
  if (!existsSync(join(ROOT, file))) return false;
  if (!anchor || !file.endsWith('.md')) return true;
  return anchors({ path: file, text: readFileSync(join(ROOT, file), 'utf8') }).has(anchor);
}

test('relative links and anchors exist', () => {
  expect(pages.flatMap(brokenLinks)).toEqual([]);
});

test('every page in docs is linked from the index or from another page', () => {
  const linked = new Set(
    pages.flatMap((page) =>
      linkTargets(page).map((target) => posix.join(posix.dirname(page.path), target.split('#')[0] ?? '')),
    ),
  );
  const orphans = pages.filter(
    ({ path }) => path.startsWith('docs/') && path !== 'docs/README.md' && !linked.has(path),
  );
  expect(orphans.map(({ path }) => path)).toEqual([]);
});
