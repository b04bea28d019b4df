import type { ConnectionsDocument } from './connections-document.ts';
import type { Explanation } from './explain-issue.ts';
import { type Interpolated, referencesIn } from './interpolate.ts';
import type { Diagnostic } from './mistake.ts';
import { formatPath, valueAt } from './path.ts';
import { redact } from './redact.ts';

/**
 * Gives problems of references and findings of schemas their places, in the order of the file.
 *
 * What a schema says of a text whose variable is not set is left out: the variable is the mistake.
 */
export function toMistakes(
  document: ConnectionsDocument,
  interpolated: Interpolated,
  findings: readonly Explanation[],
): Omit<Diagnostic, 'file'>[] {
  const { problems } = interpolated;
  const unresolved = new Set(problems.map(({ path }) => formatPath(path)));
  const told = findings
    .filter(({ path, key }) => key !== undefined || !unresolved.has(formatPath(path)))
    .map((finding) => ({ ...finding, message: wordsFor(finding, interpolated) }));
  return [...problems, ...told]
    .map(({ path, key, message, hint }: Explanation) => ({
      ...(key === undefined ? document.position(path) : document.keyPosition(path, key)),
      path: formatPath(path),
      message,
      ...(hint === undefined ? {} : { hint }),
    }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

function wordsFor(
  { path, key, message, foreign }: Explanation,
  { value, written, resolved }: Interpolated,
): string {
  const words = foreign ? redact(message, valueAt(value, path.slice(0, 2)), resolved) : message;
  if (key !== undefined) return words;
  // Else an empty or odd value is looked for in the file, where it is not.
  const variables = referencesIn(valueAt(written, path));
  return variables.length > 0 ? `${words} (from ${variables.join(', ')})` : words;
}
