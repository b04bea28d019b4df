// Finds banned words in comments, strings and docs: `node scripts/check-language.mjs [--summary] [folder or file]…`.
// The words are in docs/contributing/banned-words.txt, the rules in docs/contributing/style.md.
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { findBannedWords, isChecked, readBannedWords } from './banned-words.mjs';
import { listFiles, repository } from './source-tree.mjs';

const args = process.argv.slice(2);
const isSummary = args.includes('--summary');
const wanted = args.filter((arg) => arg !== '--summary').map((arg) => relative(repository, resolve(arg)));
const isWanted = (file) =>
  wanted.length === 0 || wanted.some((path) => path === '' || file === path || file.startsWith(`${path}/`));

const words = readBannedWords();
const found = listFiles(repository)
  .filter((file) => isChecked(file) && isWanted(file))
  .flatMap((file) =>
    findBannedWords(readFileSync(join(repository, file), 'utf8'), words).map((one) => ({ file, ...one })),
  );

if (isSummary) {
  const counts = {};
  for (const { file } of found) counts[folderOf(file)] = (counts[folderOf(file)] ?? 0) + 1;
  for (const [folder, count] of Object.entries(counts))
    console.log(`${String(count).padStart(6)}  ${folder}`);
} else {
  for (const { file, line, found: text, instead } of found) {
    console.log(`${file}:${line}: "${text}" → ${instead}`);
  }
}
console.log(`${found.length} banned words`);
process.exitCode = found.length === 0 ? 0 : 1;

function folderOf(file) {
  return file.split('/').slice(0, -1).slice(0, 2).join('/') || '.';
}
