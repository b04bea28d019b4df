import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchPackage } from './fetch-package.ts';
import { findOnPath } from './find-on-path.ts';
import { ROOT } from './root.ts';
import { withFileLock } from './with-file-lock.ts';

const run = promisify(execFile);

/** Paths of its programs. */
export interface Prometheus {
  readonly prometheus: string;
  readonly promtool: string;
}

export interface FindPrometheusOptions {
  /** PATH is read from it. */
  readonly env?: NodeJS.ProcessEnv;
  /** Its `.sluice/prometheus` is where a fetched one lives. */
  readonly projectRoot?: string;
  /** Told of what takes time, one line each. */
  readonly log?: (line: string) => void;
}

const NO_PROMETHEUS =
  'no Prometheus found: install one (sudo apt-get install -y prometheus, or brew install prometheus)';

/**
 * Finds Prometheus with its promtool: on PATH, in the project's own folder, or fetched into that from Debian's or
 * Ubuntu's packages, which needs no root: 19 MB, 2 s.
 *
 * Any number of processes may look at once; one of them fetches, the others wait for it.
 * Throws an error of one line that says what to install, with the reason as its `cause`.
 */
export async function findPrometheus(options: FindPrometheusOptions = {}): Promise<Prometheus> {
  const { env = process.env, projectRoot = ROOT, log = () => {} } = options;
  const folder = join(projectRoot, '.sluice', 'prometheus');
  const find = () => findIn(env.PATH) ?? findIn(join(folder, 'usr/bin'));
  const fetch = async () => {
    log('no Prometheus on PATH: fetching one into .sluice, from the packages of this system');
    await fetchPackage({
      // It is one program without libraries; what the package depends on is for its old web page.
      ...{ name: 'prometheus', dependencies: false, folder, env, log },
      verify: (root) => run(join(root, 'usr/bin/promtool'), ['--version'], { env }),
      isInstalled: () => find() !== undefined,
    });
    return find();
  };
  let cause: unknown;
  const found =
    find() ??
    (await withFileLock(`${folder}.lock`, async () => find() ?? fetch()).catch((error: unknown) => {
      cause = error;
      return undefined;
    }));
  if (!found) throw new Error(NO_PROMETHEUS, { cause });
  return found;
}

function findIn(path: string | undefined): Prometheus | undefined {
  const prometheus = findOnPath(['prometheus'], path);
  const promtool = findOnPath(['promtool'], path);
  return prometheus && promtool ? { prometheus, promtool } : undefined;
}
