import { seededRandom } from '@sluice/testing';
import type { Answer, LoadOrders, LoadReport } from './load-process.ts';
import { RawClient } from './raw-client.ts';
import { webhookIdOf } from './signed-orders.ts';

/** Each connection sends its next order when it was answered. */
export async function closedLoad(orders: readonly Buffer[], load: LoadOrders): Promise<LoadReport> {
  const clients = await openClients(load);
  const tally = new Tally(load);
  const until = tally.start + load.warmMs + load.ms;
  let next = 0;
  const work = (client: RawClient) =>
    new Promise<void>((resolve) => {
      const send = () => {
        const order = orders[load.repeats ? next % orders.length : next];
        if (order === undefined || performance.now() >= until) return resolve();
        next++;
        const sent = performance.now();
        client.send(order, (status, body) => {
          tally.count(status);
          tally.add({ order, status, body, sent });
          send();
        });
      };
      send();
    });
  await Promise.all(clients.map(work));
  for (const client of clients) client.close();
  return tally.report();
}

/**
 * Orders come at a rate, at random times (exponential gaps, the same ones each time), whether those before are
 * answered or not. Where no connection is free they wait, and their time runs.
 */
export async function openLoad(
  orders: readonly Buffer[],
  load: LoadOrders,
  rate: number,
): Promise<LoadReport> {
  const free = await openClients(load);
  const all = [...free];
  const times = arrivals(rate, load.warmMs + load.ms).slice(0, load.repeats ? undefined : orders.length);
  const tally = new Tally(load);
  const waiting: number[] = [];
  let [next, open] = [0, times.length];
  await new Promise<void>((resolve) => {
    const send = (client: RawClient, index: number) => {
      const due = tally.start + (times[index] ?? 0);
      const order = orders[index % orders.length] as Buffer;
      client.send(order, (status, body) => {
        tally.count(status, due);
        tally.add({ order, status, body, sent: due });
        const following = waiting.shift();
        if (following === undefined) free.push(client);
        else send(client, following);
        if (--open === 0) resolve();
      });
    };
    const tick = () => {
      const now = performance.now();
      for (; tally.start + (times[next] ?? Number.POSITIVE_INFINITY) <= now; next++) {
        const client = free.pop();
        if (client) {
          tally.late(tally.start + (times[next] ?? 0));
          send(client, next);
        } else waiting.push(next);
      }
      if (next < times.length) setTimeout(tick, tally.start + (times[next] ?? 0) - performance.now());
    };
    tick();
  });
  for (const client of all) client.close();
  return tally.report();
}

function openClients({ connections, port }: LoadOrders): Promise<RawClient[]> {
  return Promise.all(Array.from({ length: connections }, () => RawClient.open(port)));
}

/** Milliseconds from the start. */
function arrivals(rate: number, ms: number): number[] {
  const random = seededRandom(1);
  const times: number[] = [];
  for (let at = 0; at < ms; at += (-Math.log(1 - random()) * 1_000) / rate) times.push(at);
  return times;
}

/** A response as received; it is parsed after the run. */
interface RawResponse {
  readonly order: Buffer;
  readonly status: number;
  readonly body: string;
  readonly sent: number;
  readonly ms: number;
}

/** Counts what comes after the warming. */
class Tally {
  readonly start = performance.now();
  readonly #from: number;
  readonly #until: number;
  #cpu = process.cpuUsage();
  readonly #statuses: Record<string, number> = {};
  readonly #latencies: number[] = [];
  readonly #lateness: number[] = [];
  readonly #responses: RawResponse[] = [];
  readonly #records: boolean;
  #answered = 0;
  #first = Number.NaN;
  #last = Number.NaN;

  constructor({ warmMs, ms, records = false }: LoadOrders) {
    this.#records = records;
    this.#from = this.start + warmMs;
    this.#until = this.#from + ms;
  }

  /** @param due when it was to be sent, at a rate */
  count(status: number, due?: number): void {
    const now = performance.now();
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    if (due !== undefined && due >= this.#from) this.#latencies.push(now - due);
    if (now < this.#from || now > this.#until) return;
    if (Number.isNaN(this.#first)) {
      this.#first = now;
      this.#cpu = process.cpuUsage();
      // So that who asks for other processes' CPU asks for the same time.
      process.send?.('counting');
    }
    this.#answered++;
    this.#last = now;
  }

  add(answer: Omit<RawResponse, 'ms'>): void {
    if (this.#records) this.#responses.push({ ...answer, ms: performance.now() - answer.sent });
  }

  late(due: number): void {
    if (due >= this.#from) this.#lateness.push(performance.now() - due);
  }

  report(): LoadReport {
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      answered: this.#answered,
      ms: this.#last - this.#first,
      statuses: this.#statuses,
      latencies: this.#latencies,
      lateness: this.#lateness,
      answers: this.#responses.map(readAnswer),
      cpu: (user + system) / 1e6,
    };
  }
}

function readAnswer({ order, status, body, sent, ms }: RawResponse): Answer {
  const delivery = /"deliveries":\["([^"]+)"\]/.exec(body)?.[1];
  return { id: delivery ?? webhookIdOf(order), status, sentAt: performance.timeOrigin + sent, ms };
}
