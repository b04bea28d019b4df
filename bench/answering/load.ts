import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startProcessClock } from '../process-clock.ts';
import type { LoadOrders, LoadReport } from './load-process.ts';
import type { OrdersToMake } from './signed-orders.ts';

const PROGRAM = fileURLToPath(new URL('./load-process.ts', import.meta.url));

export interface Measured extends LoadReport {
  /** Seconds of CPU of the processes asked for, in their order, while answers were counted. */
  readonly cpus: readonly number[];
}

/** A process that sends orders which it made before. */
export class Load {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(orders: OrdersToMake): Promise<Load> {
    const child = fork(PROGRAM, [JSON.stringify(orders)], {
      execArgv: ['--conditions=@sluice/source', '--import', 'tsx'],
    });
    process.once('exit', () => void child.kill('SIGKILL'));
    await once(child, 'message');
    return new Load(child);
  }

  /** @param pids whose CPU is to be measured */
  async run(orders: LoadOrders, pids: readonly number[]): Promise<Measured> {
    let clocks = pids.map(startProcessClock);
    return new Promise((resolve, reject) => {
      const exit = () => reject(new Error('the process that makes the load has ended'));
      const listen = (message: LoadReport | 'counting') => {
        if (message === 'counting') {
          clocks = pids.map(startProcessClock);
          return;
        }
        this.#child.off('message', listen).off('exit', exit);
        resolve({ ...message, cpus: clocks.map((seconds) => seconds()) });
      };
      this.#child.on('message', listen).once('exit', exit);
      this.#child.send(orders);
    });
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
