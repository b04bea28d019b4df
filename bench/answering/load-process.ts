import { closedLoad, openLoad } from './loads.ts';
import { type OrdersToMake, signedOrders } from './signed-orders.ts';

/** What a load is: as fast as that many connections allow, or that many requests a second regardless of the responses. */
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
  /** Of the orders that were made, only this many from this index on. */
  readonly from?: number;
  readonly count?: number;
  /** Whether the run reports each response. */
  readonly records?: boolean;
}

/** What became of one order at its sender. */
export interface Answer {
  /** Of the delivery, if the response has one, otherwise the webhook's. */
  readonly id: string;
  /** 0: the connection ended. */
  readonly status: number;
  /** When it was sent, or to be sent at a rate, in milliseconds since the epoch. */
  readonly sentAt: number;
  /** Milliseconds that the answer took. */
  readonly ms: number;
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
  /** All responses, if requested. */
  readonly answers: readonly Answer[];
  /** Seconds of CPU of this process while it was counted. */
  readonly cpu: number;
}

/** `load-process.ts <OrdersToMake>`: makes its orders, says so, and runs one load for each message. */
const orders = signedOrders(JSON.parse(process.argv[2] ?? '') as OrdersToMake);
process.on('message', (load: LoadOrders) => {
  const { from = 0, count = orders.length } = load;
  const sent = orders.slice(from, from + count);
  const run = load.rate === undefined ? closedLoad(sent, load) : openLoad(sent, load, load.rate);
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
