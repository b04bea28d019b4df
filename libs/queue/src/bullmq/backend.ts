import {
  type BackendFactory,
  createRedisBackend,
  type IRedisTransaction,
  type QueueBaseOptions,
  type RedisClient,
  RedisQueueBackend,
} from 'bullmq';
import {
  COUNT_IGNORED_COMMAND,
  type CountingScript,
  defineCountingScripts,
  isCounted,
  transitionCommand,
} from './counting-scripts.ts';
import { executeAtomically, OutOfStepError, type Write } from './execute-atomically.ts';
import type { IgnoredCounter } from './ignored-counter.ts';
import { ledgerKey, type Removal } from './ledger-counters.ts';
import type { Transition } from './transitions.ts';

export interface LedgerBackendOptions {
  /** How many replicas must have what was added before it is taken to be stored; 0 by default. */
  readonly waitReplicas?: number;
  /** Milliseconds that they are waited for; meanwhile the connection carries nothing else. */
  readonly waitTimeout?: number;
  /** What was ignored, to be written along with what is added. */
  readonly ignored?: IgnoredCounter;
}

/** What a delivery was that is removed now, or why none was. */
export type Removed = 'pending' | 'delivered' | 'dead' | 'discarded' | 'locked' | 'gone';

type Target = RedisClient | IRedisTransaction;

type Entries = Parameters<RedisQueueBackend['addJobs']>[0];

/** BullMQ's backend for Redis, where what lets a delivery come or go moves the counters of the ledger. */
export class LedgerBackend extends RedisQueueBackend {
  readonly #options: LedgerBackendOptions;
  readonly #ledger: string;
  #scripts: ReadonlyMap<string, CountingScript> = new Map();

  /** @param plain BullMQ's own, whose connections this one takes over */
  constructor(plain: RedisQueueBackend, name: string, opts: QueueBaseOptions, options: LedgerBackendOptions) {
    const { connection, blockingConnection, keys } = plain;
    super(connection, name, keys, (type) => plain.toKey(type), opts, blockingConnection);
    // Its connections tell both of their errors, and BullMQ listens to this one alone.
    plain.on('error', () => {});
    this.#options = options;
    this.#ledger = ledgerKey(this.redisPrefix);
    // Whoever runs a script awaits this very promise first, and later than here: then they are defined.
    this.client.then(
      (client) => {
        this.#scripts = defineCountingScripts(client);
      },
      () => {
        // Whoever runs a script is told.
      },
    );
  }

  /** Runs a script of BullMQ's, made to count if it has to. */
  override execCommand(target: Target, script: string, args: unknown[]): unknown {
    return isCounted(script) ? this.#count(target, script, args) : super.execCommand(target, script, args);
  }

  /**
   * Adds deliveries together, all or none.
   *
   * @throws OutOfStepError besides, and makes the connection anew
   */
  override async addJobs(entries: Entries): Promise<string[]> {
    const { waitReplicas = 0, waitTimeout = 0, ignored } = this.#options;
    const writes: Write[] = entries.map(
      ({ job, jobId, parentKeyOpts }) =>
        (target) =>
          this.addJobToTransaction(target, job, jobId, parentKeyOpts),
    );
    const counts = ignored?.take();
    if (counts?.size) writes.push((target) => this.#countIgnored(target, counts));
    const client = await this.client;
    const replication = { replicas: waitReplicas, timeout: waitTimeout };
    try {
      const replies = await executeAtomically(client, writes, replication);
      return entries.map(({ jobId }, index) => this.#idOf(replies[index], jobId));
    } catch (error) {
      if (error instanceof OutOfStepError) client.disconnect(true);
      throw error;
    }
  }

  /** What is stored: a delivery of this id, or the one of which it is a duplicate. */
  #idOf(reply: unknown, own: string | undefined): string {
    if (typeof reply === 'number') throw this.finishedErrors({ code: reply, command: 'addJob' });
    const [asked, stored] = Array.isArray(reply) ? reply : [reply, reply];
    if (typeof stored === 'string' && (own === undefined || asked === own)) return stored;
    throw new OutOfStepError();
  }

  /** Refuses: use `removeAs`. */
  override remove(): Promise<number> {
    return Promise.reject(new Error('a removal must say what it is counted as: removeAs'));
  }

  /**
   * Removes a delivery, whatever its state unless a worker has it. If it was pending or dead it is counted as
   * what is given.
   */
  async removeAs(id: string, as: Removal): Promise<Removed> {
    const args = [...this.removeArgs(id, false), as];
    const reply = await this.#count(await this.client, 'removeJob', args);
    if (typeof reply === 'string') return reply as Removed;
    throw this.finishedErrors({ code: Number(reply), jobId: id, command: 'removeJob' });
  }

  /**
   * Puts a dead letter back, with all its attempts before it.
   *
   * @param replay by which it is, which must be running; empty for none
   * @returns whether it was there, and the replay ran
   */
  async replay(id: string, replay: string): Promise<boolean> {
    const { events, wait, meta, active, marker, prioritized, pc } = this.keys;
    const keys = [this.toKey(id), events, this.toKey('failed'), wait, meta, active, marker, prioritized, pc];
    const args = [id, 'LPUSH', 'failedReason', 'failed', '1', '1', replay];
    return (await this.#count(await this.client, 'reprocessJob', [...keys, ...args])) === 1;
  }

  /** Moves dead letters, and answers as the move says. */
  async transition(move: Transition, args: readonly (string | number)[]): Promise<unknown> {
    return (await this.client).runCommand(transitionCommand(move), [this.#ledger, ...args, this.toKey('')]);
  }

  /** Counts what came in and has no delivery, by connection. */
  async countIgnored(counts: ReadonlyMap<string, number>): Promise<void> {
    await this.#countIgnored(await this.client, counts);
  }

  async #countIgnored(target: Target, counts: ReadonlyMap<string, number>): Promise<unknown> {
    return target.runCommand(COUNT_IGNORED_COMMAND, [this.#ledger, ...[...counts].flat(), this.toKey('')]);
  }

  #count(target: Target, script: string, args: readonly unknown[]): unknown {
    const counting = this.#scripts.get(script);
    if (!counting) throw new Error(`${script} cannot be counted yet`);
    const { command, numberOfKeys } = counting;
    const [keys, rest] = [args.slice(0, numberOfKeys), args.slice(numberOfKeys)];
    return target.runCommand(command, [...keys, this.#ledger, ...rest, this.toKey('')]);
  }
}

/** Makes the backend of queue and worker alike. */
export function ledgerBackend(options: LedgerBackendOptions = {}): BackendFactory<LedgerBackend> {
  return (name, opts, purpose) =>
    new LedgerBackend(createRedisBackend(name, opts, purpose), name, opts, options);
}

/** The same without options. */
export const createLedgerBackend: BackendFactory<RedisQueueBackend> = ledgerBackend();
