import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'results']);

/** A Markdown page of the repository. */
export interface Page {
  /** Path from the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block that a reader runs. */
export interface CommandBlock {
  /** The shell script of the block. */
  readonly script: string;
  readonly exitCode: number;
}

/** Returns all Markdown pages, without benchmark results. */
export function readPages(): Page[] {
  return findPages('').map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

function findPages(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) {
      return SKIPPED_FOLDERS.has(entry.name) || entry.name.startsWith('.') ? [] : findPages(path);
    }
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const FENCE = /((?:^[ \t]*<!--.*-->[ \t]*\n)*)^([ \t]*)```(\w*)[^\n]*\n([\s\S]*?)^\2```/gm;

/**
 * Returns the runnable blocks of a page: ```sh as a whole, and the `$` lines of ```console. Blocks after
 * `<!-- not run: reason -->` and pages with `<!-- commands: run by … -->` are skipped.
 */
export function commandBlocks({ text }: Page): CommandBlock[] {
  if (/^<!-- commands: run by \S+ -->$/m.test(text)) return [];
  return [...text.matchAll(FENCE)].flatMap(([, comments = '', indent = '', language, body = '']) => {
    if (!isCommandLanguage(language) || /<!-- not run: .+ -->/.test(comments)) return [];
    const lines = body.split('\n').map((line) => line.slice(indent.length));
    const script =
      language === 'sh'
        ? lines
        : lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice('$ '.length));
    const [, exitCode = '0'] = /<!-- exit: (\d+) -->/.exec(comments) ?? [];
    return [{ script: script.join('\n').trim(), exitCode: Number(exitCode) }];
  });
}

const isCommandLanguage = (language: string | undefined) => language === 'sh' || language === 'console';

/** Returns the code spans of a page, without its fenced blocks. */
export function codeSpans({ text }: Page): string[] {
  return [...withoutFences(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** Returns the targets of the links and images of a page. */
export function linkTargets({ text }: Page): string[] {
  const prose = withoutFences(text).replaceAll(/`[^`\n]*`/g, '``');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** Returns the anchors of a page's headings, as GitHub makes them. */
export function anchors({ text }: Page): Set<string> {
  const headings = [...withoutFences(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .trim()
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

const withoutFences = (text: string) => text.replaceAll(FENCE, '');
