import type { Environment } from './environment.ts';
import type { Path } from './path.ts';
import { unshieldReferences } from './shield-references.ts';

export interface InterpolationProblem {
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
}

export interface Interpolated {
  readonly value: unknown;
  /** As written, with references in place of values: what may be quoted in messages. */
  readonly written: unknown;
  readonly problems: readonly InterpolationProblem[];
  /** Every text that a variable had a part in: what must not be quoted. */
  readonly resolved: ReadonlySet<string>;
}

/** `$${` is a literal `${`; the last alternative is a reference that is written wrongly. */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}|\$\{/g;

/**
 * Resolves `${NAME}` and `${NAME:-default}` in every text of a parsed document. The default stands in for
 * a variable that is unset or empty, as in a shell.
 */
export function interpolate(document: unknown, env: Environment): Interpolated {
  const problems: InterpolationProblem[] = [];
  const resolved = new Set<string>();
  const resolve = (written: string, path: Path): string => {
    const failed = problems.length;
    const value = resolveText(written, env, (problem) => problems.push({ path, ...problem }));
    // Left as written when it failed, so that nothing is said about its content besides.
    if (problems.length > failed) return written;
    if (value !== written) resolved.add(value);
    return value;
  };
  const written = mapTexts(document, unshieldReferences, (path) => {
    problems.push({ path, message: 'refers to itself', hint: 'remove the alias' });
  });
  return { value: mapTexts(written, resolve), written, problems, resolved };
}

/** Names of the variables that a text, or the texts of a list, refer to. */
export function referencesIn(written: unknown): string[] {
  if (Array.isArray(written)) return written.flatMap(referencesIn);
  if (typeof written !== 'string') return [];
  return [...written.matchAll(REFERENCE)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

function resolveText(
  written: string,
  env: Environment,
  report: (problem: Omit<InterpolationProblem, 'path'>) => void,
): string {
  return written.replace(REFERENCE, (reference, name?: string, fallback?: string) => {
    if (reference === '$${') return '${';
    if (name === undefined) {
      report({
        message: 'a reference to the environment that is not right',
        hint: `write \${NAME} or \${NAME:-default}; a literal \${ is written $\${`,
      });
      return reference;
    }
    const value = env[name];
    if (fallback !== undefined) return value ? value : fallback;
    if (value === undefined) {
      report({
        message: `environment variable ${name} is not set`,
        hint: `set ${name}, or write \${${name}:-} if it may be missing`,
      });
    }
    return value ?? reference;
  });
}

/** Rebuilds a document with every text replaced; calls back for what contains itself, and leaves that out. */
function mapTexts(
  document: unknown,
  replace: (text: string, path: Path) => string,
  onCycle: (path: Path) => void = () => {},
): unknown {
  const ancestors = new Set<object>();
  const walk = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return replace(value, path);
    if (typeof value !== 'object' || value === null) return value;
    if (ancestors.has(value)) return void onCycle(path);
    ancestors.add(value);
    const copy = Array.isArray(value)
      ? value.map((item, index) => walk(item, [...path, index]))
      : // Own properties only, whatever a key is called: `__proto__` stays a key like others.
        Object.fromEntries(
          Object.entries(value).map(([key, item]) => [unshieldReferences(key), walk(item, [...path, key])]),
        );
    ancestors.delete(value);
    return copy;
  };
  return walk(document, []);
}
