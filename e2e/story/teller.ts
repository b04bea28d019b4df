import { runSluice } from '@sluice/testing';

/** Tells a story whose commands are really run: as Markdown, as it goes on. */
export class Teller {
  readonly #env: Readonly<Record<string, string>>;
  readonly #say: (text: string) => void;
  readonly #told: string[] = [];

  /**
   * @param env of the commands
   * @param say is given each piece when it is told
   */
  constructor(env: Readonly<Record<string, string>>, say: (text: string) => void) {
    this.#env = env;
    this.#say = say;
  }

  get text(): string {
    return `${this.#told.join('\n\n')}\n`;
  }

  tell(text: string): void {
    this.#told.push(text);
    this.#say(`${text}\n\n`);
  }

  /**
   * Runs a command and shows what it printed.
   *
   * @returns what it printed
   * @throws an Error if it does not end as it should, or does not print what it should
   */
  async run(
    args: readonly string[],
    { code = 0, prints = /^/ }: { readonly code?: number; readonly prints?: RegExp } = {},
  ): Promise<string> {
    const running = await runSluice(args, this.#env);
    const { stdout, stderr, code: ended } = await running.ended;
    const printed = `${stderr}${stdout}`.trimEnd();
    this.tell(['```', `$ sluice ${args.map(quoted).join(' ')}`, shortened(printed), '```'].join('\n'));
    if (ended !== code) throw new Error(`it ended with ${ended} instead of ${code}`);
    if (!prints.test(printed)) throw new Error(`it did not print ${prints}`);
    return printed;
  }
}

/** Lines of the progress of a replay, which may be many, are left out but for the first and the last. */
function shortened(printed: string): string {
  const lines = printed.split('\n');
  const running = lines.flatMap((line, index) => (/^rpl_\S+ running/.test(line) ? [index] : []));
  const left = new Set(running.slice(1, -1));
  return lines
    .flatMap((line, index) => {
      if (!left.has(index)) return [line];
      return index === running[1] ? ['…'] : [];
    })
    .join('\n');
}

const quoted = (arg: string): string => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg}'`);
