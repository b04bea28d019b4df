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

  /** Writes paragraphs and headings, wrapped to the line width of the repository. */
  write(text: string): void {
    this.#append(text.split('\n\n').map(wrap).join('\n\n'));
  }

  #append(text: string): void {
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
    this.#append(['```console', `$ sluice ${args.map(quote).join(' ')}`, shorten(output), '```'].join('\n'));
    if (exitCode !== code) throw new Error(`The exit code is ${exitCode} instead of ${code}.`);
    if (!prints.test(output)) throw new Error(`The output does not match ${prints}.`);
    return output;
  }
}

const LINE_WIDTH = 110;

/** Wraps a paragraph outside of code spans. Leaves headings and comments as they are. */
function wrap(paragraph: string): string {
  if (/^(?:#|<!--)/.test(paragraph)) return paragraph;
  const lines: string[] = [];
  for (const word of paragraph.match(/(?:`[^`]*`|\S)+/g) ?? []) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > LINE_WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join('\n');
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
