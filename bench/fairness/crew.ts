import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Sent, WorkerOrders, WorkerReport } from './worker-process.ts';

const PROCESSES = 2;
const PROGRAM = fileURLToPath(new URL('./worker-process.ts', import.meta.url));

/** Worker processes of one variant, and what they have told so far. */
export class Crew {
  readonly sent: Sent[] = [];
  readonly #members: Member[];
  #onSent = () => {};

  private constructor(members: Member[]) {
    this.#members = members;
    for (const member of members) {
      member.child.on('message', (message: WorkerReport) => {
        member.last = message;
        this.sent.push(...message.sent);
        this.#onSent();
      });
    }
  }

  /** Starts them; they take nothing before `run`. */
  static async start(orders: WorkerOrders): Promise<Crew> {
    return new Crew(await Promise.all(Array.from({ length: PROCESSES }, () => startMember(orders))));
  }

  run(): void {
    for (const { child } of this.#members) child.send('run');
  }

  get takes(): number {
    return this.#members.reduce((sum, { last }) => sum + last.takes, 0);
  }

  /** Seconds of CPU, of all. */
  get cpu(): number {
    return this.#members.reduce((sum, { last }) => sum + last.cpu, 0);
  }

  /** Resolves when so many were sent, or after so many milliseconds. */
  async untilSent(count: number, within: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, within);
      this.#onSent = () => {
        if (this.sent.length >= count) resolve();
      };
      this.#onSent();
    });
    clearTimeout(timer);
  }

  /** Ends them at once: what they hold is of no interest any more. */
  async stop(): Promise<void> {
    for (const { child } of this.#members) child.kill('SIGKILL');
    await Promise.all(this.#members.map(({ exited }) => exited));
  }
}

interface Member {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  last: WorkerReport;
}

async function startMember(orders: WorkerOrders): Promise<Member> {
  const child = fork(PROGRAM, [JSON.stringify(orders)], {
    execArgv: ['--conditions=@sluice/source', '--import', 'tsx'],
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(child, 'exit').finally(() => process.off('exit', kill));
  const [last] = (await Promise.race([once(child, 'message'), exited])) as [WorkerReport | number | null];
  if (typeof last !== 'object' || last === null) throw new Error('a worker process ended at its start');
  return { child, exited, last };
}
