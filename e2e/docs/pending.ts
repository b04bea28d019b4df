/**
 * Names and pages that the documentation uses and that are not in the tree yet. Remove an entry when it is there, and
 * this file with the last one.
 */
export const PENDING_PAGES = new Set([
  'docs/reference/configuration.md',
  'docs/reference/connections-file.md',
  'docs/reference/logs.md',
  'docs/reference/cli.md',
  'docs/reference/api.md',
]);

const RENAMES: readonly (readonly [RegExp, string])[] = [
  [/\b(replay plan .*)--dry-run\b/g, '$1--try'],
  [/\bdead-letters dry-run\b/g, 'dead-letters try'],
  [/\bconnections paused\b/g, 'connections held'],
  [/\bconnections pause (.*)--note\b/g, 'connections hold $1--reason'],
  [/\bconnections resume (.*)--note\b/g, 'connections release $1--reason'],
  [/\bconnections pause\b/g, 'connections hold'],
  [/\bconnections resume\b/g, 'connections release'],
  [/--replay (?=<id>|rpl_)/g, '--put-back-by '],
];

/** Replaces names of the next command line with those of the current one. */
export const toCurrentNames = (command: string): string =>
  RENAMES.reduce((text, [name, current]) => text.replaceAll(name, current), command);
