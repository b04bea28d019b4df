import { closedLoad, openLoad } from './loads.ts';
import { signedOrders } from './signed-orders.ts';

/** What a load is: as fast as so many connections go, or so many requests a second whatever the answers. */
export interface LoadOrders {
  readonly port: number;
  readonly connections: number;
  /** How long what comes before is not counted, and how long is counted. */
  readonly warmMs: number;
  readonly ms: number;
  /** Requests a second; without it each connection sends when it was answered. */
  readonly rate?: number;
  /** Whether orders may come again, where nothing is stored. */
  readonly repeats: boolean;
}

export interface LoadReport {
  readonly answered: number;
  /** Milliseconds that were counted; fewer than asked for if the orders were used up. */
  readonly ms: number;
  /** By status, of all. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Milliseconds from when each was to be sent until its answer; only at a rate. */
  readonly latencies: readonly number[];
  /** Milliseconds by which this process sent later than it was to, though a connection was free. */
  readonly lateness: readonly number[];
  /** Seconds of CPU of this process while it was counted. */
  readonly cpu: number;
}

/** `load-process.ts <kilobytes>`: makes its orders, says so, and runs one load for each message. */
const orders = signedOrders(Number(process.argv[2]));
process.on('message', (load: LoadOrders) => {
  const run = load.rate === undefined ? closedLoad(orders, load) : openLoad(orders, load, load.rate);
  run.then(
    (report) => process.send?.(report),
    (error: Error) => {
      process.stderr.write(`${error.stack}\n`);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
