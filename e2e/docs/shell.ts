import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT } from './pages.ts';

export interface ShellResult {
  readonly exitCode: number | null;
  readonly output: string;
}

/** A shell as a reader of the documentation has it, in a temporary folder. */
export interface Shell {
  run(script: string): Promise<ShellResult>;
  remove(): Promise<void>;
}

/** `sluice` as in the image. `send` has its default address replaced with that of the pipeline. */
const SLUICE = `[ "$1" = send ] && set -- "$@" --url "$DOCS_INGEST_URL"
exec node "${ROOT}apps/cli/dist/main.js" "$@"`;

/** Supports `npm run sluice -- …` only: other scripts change the tree or take minutes. */
const NPM = `[ "$1" = run ] && shift
[ "$1" = --silent ] && shift
[ "$1 $2" = "sluice --" ] && shift 2 && exec sluice "$@"
echo "npm $*: mark the block as not run" >&2
exit 97`;

/** Sends one inline command, because a Redis from packages may have no client. */
const REDIS_CLI = `exec node --input-type=module -e '
import { connect } from "node:net";
const { hostname, port } = new URL(process.env.REDIS_URL);
const socket = connect(Number(port), hostname, () => socket.end(process.argv.slice(1).join(" ") + "\\r\\nQUIT\\r\\n"));
let reply = "";
socket.setEncoding("utf8").on("data", (data) => { reply += data; });
socket.on("close", () => console.log(reply.replace(/^[*$]\\d+\\r\\n/gm, "").replace(/\\+OK\\r\\n$/, "").trimEnd()));
' -- "$@"`;

/** @param env environment of the commands, besides PATH and HOME */
export async function openShell(env: Readonly<Record<string, string>>): Promise<Shell> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-docs-'));
  const bin = join(folder, 'bin');
  const workplace = join(folder, 'sluice');
  await Promise.all([mkdir(bin), mkdir(workplace)]);
  for (const [name, script] of Object.entries({ sluice: SLUICE, npm: NPM, 'redis-cli': REDIS_CLI })) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  for (const entry of ['apps', 'config', 'docs', 'libs']) {
    await symlink(join(ROOT, entry), join(workplace, entry));
  }
  return {
    async run(script) {
      const child = spawn('sh', ['-e', '-c', script], {
        cwd: workplace,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...env, HOME: folder, PATH: `${bin}:${process.env.PATH}` },
      });
      const exit = once(child, 'close') as Promise<[number | null]>;
      const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
      return { exitCode, output: `${stdout}${stderr}` };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
