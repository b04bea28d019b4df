import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What a benchmark has found, below `bench/results/`. */
export interface ResultsFile {
  /** e.g. `replay.md`. */
  readonly name: string;
  /** Text before all sections. */
  readonly head: string;
  /** Titles of its sections, in their order; without it, as they come. */
  readonly order?: readonly string[];
}

export interface Section {
  readonly title: string;
  /** That prints it again. */
  readonly command: string;
  readonly text: string;
}

/** Keeps a section in a file of results, in place of one of the same title, with where and when; and prints it. */
export async function keepSection({ name, head, order }: ResultsFile, part: Section): Promise<void> {
  const { title, command, text } = part;
  const path = `${ROOT}bench/results/${name}`;
  const where = `\`${command}\`, commit ${commit()}, ${new Date().toISOString()}, load average ${loadOf()}; ${machine()}`;
  const section = `## ${title}\n\n${where}\n\n${text}`;
  const before = await readFile(path, 'utf8').catch(() => '');
  const sections = new Map(
    before
      .split(/^(?=## )/m)
      .slice(1)
      .map((old) => [/^## (.*)/.exec(old)?.[1] ?? '', old]),
  );
  sections.set(title, section);
  const kept = (order ?? [...sections.keys()]).flatMap((one) => sections.get(one)?.trimEnd() ?? []);
  await writeFile(path, `${[head.trimEnd(), ...kept].join('\n\n')}\n`);
  process.stdout.write(`${section}\n`);
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const changes = git('status', '--porcelain', 'apps', 'libs') ? ', with changes that are not in it' : '';
  return `${git('rev-parse', '--short=12', 'HEAD')}${changes}`;
}

/** Of the last minute and the last 5: others may have worked on the machine as well. */
const loadOf = () =>
  loadavg()
    .slice(0, 2)
    .map((load) => load.toFixed(1))
    .join(' and ');

function machine(): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const versions = ['bullmq', 'ioredis'].map((name) => `${name} ${versionOf(name)}`).join(', ');
  return `${cpus().length} cores (${cpu?.model.trim()}), ${memory}, Linux ${release()}, Node ${process.version}, ${versions}`;
}

function versionOf(name: string): string {
  const text = execFileSync('npm', ['ls', name, '--json', '--depth=0', '--workspace=bench'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return new RegExp(`"${name}": \\{\\s*"version": "([^"]+)"`).exec(text)?.[1] ?? 'unknown';
}
