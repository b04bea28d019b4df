import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ROOMS = [
  'apps/ingest',
  'apps/worker',
  'apps/console',
  'libs/observability',
  'libs/queue',
  'libs/botpress',
];

const documented = [
  ...readFileSync(join(ROOT, 'docs/reference/logs.md'), 'utf8').matchAll(/^\| `([a-z_.]+)` \|/gm),
].map(([, event = '']) => event);

/** Calls of a logger: `logger.info(…)`, `logger[level](…)`. */
const LOG_CALL = /\b(?:logger|log|lines)(?:\.(?:trace|debug|info|warn|error|fatal)|\[[^\]]*\])\(/g;

/** Returns the last argument of each call of a logger: a string or template literal. */
function loggedEvents(): string[] {
  return ROOMS.flatMap((room) => {
    const folder = join(ROOT, room, 'src');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return files
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap((file) => eventsIn(readFileSync(join(folder, file), 'utf8')));
  });
}

function eventsIn(source: string): string[] {
  return [...source.matchAll(LOG_CALL)].map((call) => {
    const start = call.index + call[0].length;
    const argumentList = source.slice(start, endOfCall(source, start));
    return /(['`])([^'`]*)\1,?\s*$/.exec(argumentList)?.[2] ?? '';
  });
}

/** Returns the position of the parenthesis that closes a call. */
function endOfCall(source: string, start: number): number {
  let depth = 1;
  for (let index = start; index < source.length; index++) {
    const character = source.charAt(index);
    if ('([{'.includes(character)) depth++;
    if (')]}'.includes(character)) depth--;
    if (depth === 0) return index;
  }
  return source.length;
}

/** A template like `replay.${state}` stands for the documented events with its prefix. */
const isLogged = (event: string, logged: readonly string[]) =>
  logged.some((name) => (name.includes('$') ? event.startsWith(name.split('$')[0] ?? '') : name === event));

test('docs/reference/logs.md lists exactly the log events of the code', () => {
  const logged = loggedEvents();
  expect(logged.length).toBeGreaterThan(30);
  const names = logged.filter((name) => !name.includes('$'));
  expect([...new Set(names)].filter((name) => !documented.includes(name))).toEqual([]);
  expect(documented.filter((event) => !isLogged(event, logged))).toEqual([]);
  expect(new Set(documented).size).toBe(documented.length);
});

test.each(documented)('%s is snake_case with dots', (event) => {
  expect(event).toMatch(/^[a-z]+(?:_[a-z]+)*(?:\.[a-z]+(?:_[a-z]+)*)*$/);
});
