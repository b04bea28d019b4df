import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../../shared/fixtures/', import.meta.url));

export interface SharedFixture {
  readonly name: string;
  readonly json: unknown;
}

/**
 * Reads payloads that others wrote and that are not part of the repository, from `../shared/fixtures`.
 *
 * @param folder e.g. `shopify`
 * @returns the fixtures whose file names fit; none, with a loud line, where the folder is not there
 */
export function readSharedFixtures(folder: string, fits: RegExp = /./): readonly SharedFixture[] {
  const path = `${FOLDER}${folder}`;
  if (!existsSync(path)) {
    process.stderr.write(`\n!!! SKIPPED: no ${path}; tests of real payloads did not run\n\n`);
    return [];
  }
  return readdirSync(path)
    .filter((name) => name.endsWith('.json') && fits.test(name))
    .map((name) => ({ name, json: JSON.parse(readFileSync(`${path}/${name}`, 'utf8')) }));
}
