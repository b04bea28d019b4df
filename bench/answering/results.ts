import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PATH = `${ROOT}bench/results/answering.md`;

const HEAD = `# Answering

Written by \`npm run bench answering\`: how: \`bench/answering/\`. Each server is a process of its own, so is the load,
which made its signed requests before; each that stores has a Redis of its own. Rounds of the targets alternate: read
the ratios and the CPU a request, for others work on this machine as well.`;

/** Keeps a section in bench/results/answering.md, in place of one of the same title, and prints it. */
export async function keep(title: string, command: string, text: string): Promise<void> {
  const where = `\`${command}\`, commit ${commit()}, ${new Date().toISOString()}, load average ${loadOf()}; ${machine()}`;
  const section = `## ${title}\n\n${where}\n\n${text}`;
  const before = await readFile(PATH, 'utf8').catch(() => HEAD);
  const [, ...sections] = before.split(/^(?=## )/m);
  const place = sections.findIndex((old) => old.startsWith(`## ${title}\n`));
  sections.splice(place < 0 ? sections.length : place, place < 0 ? 0 : 1, section);
  await writeFile(PATH, `${[HEAD, ...sections.map((part) => part.trimEnd())].join('\n\n')}\n`);
  process.stdout.write(`${section}\n`);
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const changes = git('status', '--porcelain', 'apps', 'libs') ? ', with changes that are not in it' : '';
  return `${git('rev-parse', '--short=12', 'HEAD')}${changes}`;
}

/** Of the last minute and the last 5. */
const loadOf = () =>
  loadavg()
    .slice(0, 2)
    .map((load) => load.toFixed(1))
    .join(' and ');

function machine(): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const versions = ['bullmq', 'ioredis', 'express'].map((name) => `${name} ${versionOf(name)}`).join(', ');
  return `${cpus().length} cores (${cpu?.model.trim()}), ${memory}, Linux ${release()}, Node ${process.version}, ${versions}`;
}

function versionOf(name: string): string {
  const text = execFileSync('npm', ['ls', name, '--json', '--depth=0', '--workspace=bench'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return new RegExp(`"${name}": \\{\\s*"version": "([^"]+)"`).exec(text)?.[1] ?? 'unknown';
}
