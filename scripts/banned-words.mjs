import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './source-tree.mjs';

const WORDS = 'docs/contributing/banned-words.txt';

/** Files of prose or code. */
const TEXT = /\.(ts|tsx|mjs|md|yml|yaml|lua|html|json)$/;

/** The pages that name the words, and files that npm writes. */
const EXEMPT = [/^docs\/contributing\/(style\.md|banned-words\.txt)$/, /(^|\/)package(-lock)?\.json$/];

/** Marks a line that keeps a banned word, for example a stored name: `allow-word: reason`. */
const ALLOWED = /allow-word: \S/;

/** Reads the word list: a regular expression or phrase, a tab, and what to write instead. */
export function readBannedWords() {
  return readFileSync(join(repository, WORDS), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [pattern, instead] = line.split('\t');
      if (!instead) throw new Error(`${WORDS}: "${line}" has no replacement. Separate it with a tab.`);
      const [expression, flags] = pattern.startsWith('=') ? [pattern.slice(1), 'g'] : [pattern, 'gi'];
      return { pattern: new RegExp(`(?<![\\w-])(?:${expression})(?![\\w-])`, flags), instead };
    });
}

export const isChecked = (file) => TEXT.test(file) && !EXEMPT.some((one) => one.test(file));

/** Finds the banned words of a text, with the line of each, except on lines that allow them. */
export function findBannedWords(text, words) {
  const lines = text.split('\n');
  return words
    .flatMap(({ pattern, instead }) =>
      [...text.matchAll(pattern)].map(({ 0: found, index }) => ({
        line: text.slice(0, index).split('\n').length,
        found: found.replace(/\s+/g, ' '),
        instead,
      })),
    )
    .filter(({ line }) => !ALLOWED.test(lines[line - 1]));
}
