import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PATH = `${ROOT}bench/results/replay.md`;

const HEAD = `# Replays

Written by \`npm run bench replay\`: real processes, a Redis of its own with appendfsync always, the sandbox without
limits, bodies of 1 kB. Each part says when and on what it was measured. How: \`bench/replay/\`.
`;

/** Tells whoever waits how far it is. */
export function tell(what: string): void {
  process.stderr.write(`${what}\n`);
}

/**
 * Keeps what a part has found in bench/results/replay.md, in place of what it found before, and prints it.
 *
 * @param order titles of all parts, in the order in which they are to stand
 */
export async function keep(
  part: { readonly title: string; readonly command: string; readonly text: string },
  order: readonly string[],
): Promise<void> {
  const { title, command, text } = part;
  const where = `\`${command}\`, commit ${commit()}, ${new Date().toISOString()}, load average ${loadOf()}; ${machine()}`;
  const section = `## ${title}\n\n${where}\n\n${text}\n`;
  const before = await readFile(PATH, 'utf8').catch(() => '');
  const sections = new Map(
    before
      .split(/^(?=## )/m)
      .slice(1)
      .map((old) => [/^## (.*)/.exec(old)?.[1] ?? '', old]),
  );
  sections.set(title, section);
  const kept = order.flatMap((name) => sections.get(name)?.trimEnd() ?? []);
  await writeFile(PATH, `${[HEAD.trimEnd(), ...kept].join('\n\n')}\n`);
  process.stdout.write(`${section}\n`);
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const changes = git('status', '--porcelain') ? ', with changes that are not in it' : '';
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
  return `${cpus().length} cores (${cpu?.model.trim()}), ${memory}, Linux ${release()}, Node ${process.version}, BullMQ ${versionOf('bullmq')}, ioredis ${versionOf('ioredis')}`;
}

function versionOf(name: string): string {
  const text = execFileSync('npm', ['ls', name, '--json', '--depth=0', '--workspace=bench'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return new RegExp(`"${name}": \\{\\s*"version": "([^"]+)"`).exec(text)?.[1] ?? 'unknown';
}
