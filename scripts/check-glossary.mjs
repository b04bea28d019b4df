// Compares docs/reference/glossary.md with the domain types that libraries export:
// `node scripts/check-glossary.mjs` prints both differences, `--list` prints all domain types by library.
//
// A domain type is a PascalCase export of an index file below, unless its suffix says that it is the input or output
// of one function: such types are part of that function's documentation.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './source-tree.mjs';

const GLOSSARY = 'docs/reference/glossary.md';
const COMPLETE = ['libs/events', 'libs/queue', 'libs/botpress'];
/** The glossary may name their types too, and need not name all. */
const OTHERS = ['libs/config', 'libs/observability'];
const NO_DOMAIN_TYPE = /(Options|Dependencies|Request|Result|Summary|Page|Context|Error)$/;

/** Returns the PascalCase names that the index file of a library exports. */
function exportedTypes(library) {
  const code = readFileSync(join(repository, library, 'src/index.ts'), 'utf8');
  return [...code.matchAll(/export\s+(?:type\s+)?\{([^}]*)\}/g)]
    .flatMap(([, list]) => list.split(','))
    .map((name) => name.replace(/^\s*(?:type\s+)?(?:\w+\s+as\s+)?/, '').trim())
    .filter((name) => /^[A-Z][a-z]\w*$/.test(name));
}

/** Returns the names in the column `Type` of all tables. */
function listedTypes() {
  return readFileSync(join(repository, GLOSSARY), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap((line) => [...(line.split('|')[2] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name));
}

const exported = new Map([...COMPLETE, ...OTHERS].map((library) => [library, exportedTypes(library)]));
const domain = COMPLETE.flatMap((library) =>
  exported
    .get(library)
    .filter((name) => !NO_DOMAIN_TYPE.test(name))
    .map((name) => ({ library, name })),
);

if (process.argv.includes('--list')) {
  for (const { library, name } of domain) console.log(`${library}: ${name}`);
} else {
  const listed = listedTypes();
  const known = new Set([...exported.values()].flat());
  const problems = [
    ...domain
      .filter(({ name }) => !listed.includes(name))
      .map(({ library, name }) => `${name} of ${library} is missing. Add it to the row of its term.`),
    ...listed
      .filter((name) => !known.has(name))
      .map((name) => `${name} is listed, but no library exports it. Correct or remove it.`),
  ];
  for (const problem of problems) console.log(`${GLOSSARY}: ${problem}`);
  console.log(`${domain.length} domain types, ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
