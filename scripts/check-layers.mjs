// Finds imports and files that break the layered layout: `node scripts/check-layers.mjs [--json]`.
// e2e/layers.test.ts expects none. Type imports count as imports.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cyclesOf,
  DECLARED_ORDERS,
  importGraph,
  importsOf,
  isProduction,
  listFiles,
  repository,
  unitOf,
} from './source-tree.mjs';

const MAX_LINES = 400;
const BULLMQ_ROOM = 'libs/queue/src/bullmq/';

const files = listFiles(repository).filter(isProduction);
const read = (file) => readFileSync(join(repository, file), 'utf8');
const graph = importGraph(repository, files);

/** Imports within an app or library of declared order from a unit to one above it. */
const upward = Object.entries(DECLARED_ORDERS).flatMap(([room, order]) => {
  const inRoom = (file) => file.startsWith(`${room}/`);
  const isUpward = (file, target) => {
    const [from, to] = [file, target].map((one) => order.indexOf(unitOf(one)));
    // A unit that is not in the list has no place yet, which is a violation too.
    return from === -1 || to === -1 || to < from;
  };
  return [...graph]
    .filter(([file]) => inRoom(file))
    .flatMap(([file, targets]) =>
      targets
        .filter((target) => inRoom(target) && isUpward(file, target))
        .map((target) => `${file} → ${target}`),
    );
});

const violations = {
  upward,
  cycles: cyclesOf(graph).map((cycle) => cycle.join(', ')),
  long: files.filter((file) => read(file).split('\n').length - 1 > MAX_LINES),
  bullmq: files.filter(
    (file) =>
      !file.startsWith(BULLMQ_ROOM) && importsOf(read(file)).some((name) => /^bullmq(\/|$)/.test(name)),
  ),
};

const titles = {
  upward: 'imports of a folder above',
  cycles: 'files that import each other',
  long: `files over ${MAX_LINES} lines`,
  bullmq: `files outside ${BULLMQ_ROOM} that import bullmq`,
};
if (process.argv.includes('--json')) console.log(JSON.stringify(violations));
else {
  for (const [name, found] of Object.entries(violations)) {
    console.log([`${titles[name]}: ${found.length}`, ...found.map((one) => `  ${one}`)].join('\n'));
  }
}
process.exitCode = Object.values(violations).flat().length === 0 ? 0 : 1;
