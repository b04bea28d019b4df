import { runSluice } from '@sluice/testing';

/** Writes a Markdown page whose commands are run while it is written. */
export class Narrator {
  readonly #env: Readonly<Record<string, string>>;
  readonly #onWrite: (text: string) => void;
  readonly #parts: string[] = [];

  /**
   * @param env environment of the commands
   * @param onWrite receives each part when it is written
   */
  constructor(env: Readonly<Record<string, string>>, onWrite: (text: string) => void) {
    this.#env = env;
    this.#onWrite = onWrite;
  }

  get text(): string {
    return `${this.#parts.join('\n\n')}\n`;
  }

  write(text: string): void {
    this.#parts.push(text);
    this.#onWrite(`${text}\n\n`);
  }

  /**
   * Runs a command and writes it with its output.
   *
   * @returns the output
   * @throws an Error if the exit code or the output is not the expected one
   */
  async run(
    args: readonly string[],
    { code = 0, prints = /^/ }: { readonly code?: number; readonly prints?: RegExp } = {},
  ): Promise<string> {
    const running = await runSluice(args, this.#env);
    const { stdout, stderr, code: exitCode } = await running.ended;
    const output = `${stderr}${stdout}`.trimEnd();
    this.write(['```console', `$ sluice ${args.map(quote).join(' ')}`, shorten(output), '```'].join('\n'));
    if (exitCode !== code) throw new Error(`The exit code is ${exitCode} instead of ${code}.`);
    if (!prints.test(output)) throw new Error(`The output does not match ${prints}.`);
    return output;
  }
}

/** Removes the progress lines of a replay except the first and the last. */
function shorten(output: string): string {
  const lines = output.split('\n');
  const progress = lines.flatMap((line, index) => (/^rpl_\S+ running/.test(line) ? [index] : []));
  const removed = new Set(progress.slice(1, -1));
  return lines
    .flatMap((line, index) => {
      if (!removed.has(index)) return [line];
      return index === progress[1] ? ['…'] : [];
    })
    .join('\n');
}

const quote = (arg: string): string => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg}'`);
