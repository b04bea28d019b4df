import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../../shared/fixtures/', import.meta.url));

export interface SharedFixture {
  readonly name: string;
  readonly json: unknown;
}

/**
 * Reads third-party payloads, which are not part of the repository, from `../shared/fixtures`.
 *
 * @param folder for example `shopify`
 * @returns fixtures with matching file names; without the folder an empty list, with a warning on stderr
 */
export function readSharedFixtures(folder: string, fits: RegExp = /./): readonly SharedFixture[] {
  const path = `${FOLDER}${folder}`;
  if (!existsSync(path)) {
    process.stderr.write(`\n!!! SKIPPED: ${path} does not exist. Tests of real payloads did not run.\n\n`);
    return [];
  }
  return readdirSync(path)
    .filter((name) => name.endsWith('.json') && fits.test(name))
    .map((name) => ({ name, json: JSON.parse(readFileSync(`${path}/${name}`, 'utf8')) }));
}
