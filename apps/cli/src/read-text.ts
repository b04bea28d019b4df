import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

/**
 * Reads what is given on the command line itself, or after an `@` in a file (`@-`: standard input).
 *
 * @throws UsageError if the file cannot be read
 */
export async function readText(
  given: string,
  { readLines }: Pick<Surroundings, 'readLines'>,
): Promise<string> {
  if (!given.startsWith('@')) return given;
  const lines: string[] = [];
  for await (const line of linesOf(given.slice(1), { readLines })) lines.push(line);
  return lines.join('\n');
}

/**
 * Reads the lines of a file; `-` is standard input.
 *
 * @throws UsageError if it cannot be read
 */
export async function* linesOf(
  path: string,
  { readLines }: Pick<Surroundings, 'readLines'>,
): AsyncGenerator<string> {
  try {
    yield* readLines(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}
