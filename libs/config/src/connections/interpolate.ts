import type { Environment } from '../environment/variables.ts';
import type { Finding } from './explain-issue.ts';
import type { Path } from './path.ts';

// Unicode noncharacters of one code unit each: positions stay the same, and no text contains them.
const OPEN = '\uFDD0';
const CLOSE = '\uFDD1';

/**
 * Hides the braces of `${NAME}` from YAML, which reads `[${A}, ${B:-}]` as mappings. References stay in the text until
 * the file is parsed, so the value of a variable never becomes syntax.
 */
export function shieldReferences(yaml: string): string {
  return yaml.replace(/\$\{([^{}\r\n]*)\}/g, `$$${OPEN}$1${CLOSE}`);
}

/** Restores the braces in a text of the parsed document. */
export function unshieldReferences(text: string): string {
  return text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}');
}

export interface Interpolated {
  readonly value: unknown;
  /** The document with its references, which messages may quote. */
  readonly written: unknown;
  readonly findings: readonly Finding[];
  /** Texts that contain the value of a variable, which messages must not quote. */
  readonly resolved: ReadonlySet<string>;
}

/** `$${` is a literal `${`. The last alternative is an invalid reference. */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}|\$\{/g;

/**
 * Resolves `${NAME}` and `${NAME:-default}` in all texts of a parsed document. The default replaces a variable that is
 * unset or empty, as in a shell.
 */
export function interpolate(document: unknown, env: Environment): Interpolated {
  const findings: Finding[] = [];
  const resolved = new Set<string>();
  const resolve = (written: string, path: Path): string => {
    const before = findings.length;
    const value = resolveText(written, env, (problem) => findings.push({ path, ...problem }));
    // Left as written after a problem, so that its content causes no further one.
    if (findings.length > before) return written;
    if (value !== written) resolved.add(value);
    return value;
  };
  const written = mapTexts(document, unshieldReferences, (path) => {
    findings.push({ path, message: 'refers to itself', hint: 'Remove the alias' });
  });
  return { value: mapTexts(written, resolve), written, findings, resolved };
}

/** Returns the names of the variables in a text, or in the texts of a list. */
export function referencesIn(written: unknown): string[] {
  if (Array.isArray(written)) return written.flatMap(referencesIn);
  if (typeof written !== 'string') return [];
  return [...written.matchAll(REFERENCE)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

function resolveText(
  written: string,
  env: Environment,
  report: (problem: Omit<Finding, 'path'>) => void,
): string {
  return written.replace(REFERENCE, (reference, name?: string, fallback?: string) => {
    if (reference === '$${') return '${';
    if (name === undefined) {
      report({
        message: 'contains an invalid reference to an environment variable',
        hint: `Write \${NAME} or \${NAME:-default}, and a literal \${ as $\${`,
      });
      return reference;
    }
    const value = env[name];
    if (fallback !== undefined) return value ? value : fallback;
    if (value === undefined) {
      report({
        message: `refers to the unset environment variable ${name}`,
        hint: `Set ${name}, or write \${${name}:-} if it is optional`,
      });
    }
    return value ?? reference;
  });
}

/** Copies a document with every text replaced. Calls back for values that contain themselves, and omits them. */
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
      : // Creates own properties only: `__proto__` stays an ordinary key.
        Object.fromEntries(
          Object.entries(value).map(([key, item]) => [unshieldReferences(key), walk(item, [...path, key])]),
        );
    ancestors.delete(value);
    return copy;
  };
  return walk(document, []);
}
