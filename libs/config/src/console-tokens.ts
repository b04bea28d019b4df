import type { EnvironmentReader } from './environment-reader.ts';
import { Secret } from './secret.ts';

/** `viewer` looks, `operator` changes and may see what is masked. */
export type ConsoleRole = 'viewer' | 'operator';

/** Somebody who may use the console. */
export interface ConsoleToken {
  /** For the audit lines. */
  readonly name: string;
  readonly role: ConsoleRole;
  readonly token: Secret;
}

/** Characters. Of random ones nobody guesses so many; a word that somebody has thought of is mostly shorter. */
const MIN_LENGTH = 24;

const FORM = 'name:role:token, more of them after commas';

/** Reads SLUICE_CONSOLE_TOKENS. Says what is wrong by the place in the list, for anything else may be a token. */
export function consoleTokens(reader: EnvironmentReader): readonly ConsoleToken[] {
  const text = reader.text('SLUICE_CONSOLE_TOKENS', { default: '', problem: () => undefined, wanted: FORM });
  const entries = text.split(',').map((entry) => entry.trim());
  if (text === '') return [];
  const tokens: ConsoleToken[] = [];
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const [name = '', role = '', ...rest] = entry.split(':');
    const token = rest.join(':');
    const problem = seen.has(token) ? 'has the token of another' : problemOf(name, role, token);
    if (problem === undefined && isRole(role)) tokens.push({ name, role, token: new Secret(token) });
    else reader.report(`SLUICE_CONSOLE_TOKENS: entry ${index + 1} ${problem}  — set it to ${FORM}`);
    seen.add(token);
  }
  return tokens;
}

const isRole = (text: string): text is ConsoleRole => text === 'viewer' || text === 'operator';

function problemOf(name: string, role: string, token: string): string | undefined {
  if (!/^[\w.@-]{1,64}$/.test(name))
    return 'has no name of 1 to 64 letters, digits, dots, hyphens, _ or @ before its first colon';
  if (!isRole(role)) return 'has a role that is neither viewer nor operator';
  if (token.length < MIN_LENGTH) return `has a token of fewer than ${MIN_LENGTH} characters`;
  // What a header cannot carry would never sign anybody in.
  if (!/^[\x21-\x7e]+$/.test(token)) return 'has a token with spaces, or with characters beyond ASCII';
  return undefined;
}
