import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchPackage } from './fetch-package.ts';
import { findOnPath } from './find-on-path.ts';
import { ROOT } from './root.ts';
import { withFileLock } from './with-file-lock.ts';

const run = promisify(execFile);

/** Paths of the programs. */
export interface Prometheus {
  readonly prometheus: string;
  readonly promtool: string;
}

export interface FindPrometheusOptions {
  /** Environment with PATH. */
  readonly env?: NodeJS.ProcessEnv;
  /** A downloaded Prometheus is kept in its `.sluice/prometheus`. */
  readonly projectRoot?: string;
  /** Receives progress lines. */
  readonly log?: (line: string) => void;
}

const NO_PROMETHEUS =
  'Prometheus not found. Install it (sudo apt-get install -y prometheus, or brew install prometheus).';

/**
 * Finds Prometheus and promtool on PATH or in the project's folder, or downloads them there from the packages of
 * Debian or Ubuntu, without root: 19 MB, 2 s. Safe for concurrent processes: one downloads, the others wait.
 *
 * @throws Error with one line that states what to install, and the reason as its `cause`
 */
export async function findPrometheus(options: FindPrometheusOptions = {}): Promise<Prometheus> {
  const { env = process.env, projectRoot = ROOT, log = () => {} } = options;
  const folder = join(projectRoot, '.sluice', 'prometheus');
  const find = () => findIn(env.PATH) ?? findIn(join(folder, 'usr/bin'));
  const fetch = async () => {
    log('No Prometheus on PATH. Downloading it to .sluice from the packages of this system …');
    await fetchPackage({
      // The programs have no libraries. The dependencies of the package are for its old web UI.
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
