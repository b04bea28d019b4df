import {
  type BackendFactory,
  createRedisBackend,
  type IQueueBackend,
  type IRedisTransaction,
  type KeysMap,
  type RedisClient,
  type RedisQueueBackend,
  raw2NextJobData,
} from 'bullmq';
import { OTHER_GROUP } from '../records/failure.ts';
import { luaScript } from '../redis/scripts.ts';
import { type Delegated, delegate } from './delegation.ts';
import type { DelayRequest, DeliveryBackend, OwnArguments, Removed } from './delivery-backend.ts';
import { executeAtomically, OutOfStepError, type Write } from './execute-atomically.ts';
import {
  defineExtensions,
  defineScript,
  type Extension,
  extension,
  runExtension,
  type ScriptTarget,
} from './extension.ts';
import type { IgnoredCounter } from './ignored-counter.ts';
import { DELIVERY_FIELDS, JOB_FIELDS, LUA_LAYOUT, prefixOf, QUEUE_KEYS, REPLAY_PRIORITY } from './layout.ts';
import { ledgerKey, type Removal } from './ledger-counters.ts';
import { assertBackendMembers, type BackendMembers, scriptOfCommand } from './private-surface.ts';
import { type BullmqScript, indexOfArgument, keysOf } from './script-layout.ts';
import { TRANSITIONS, type Transition } from './transitions.ts';

export interface DeliveryBackendOptions {
  /** Replicas that must have a delivery before it counts as stored; 0 by default. */
  readonly waitReplicas?: number;
  /** Milliseconds to wait for them; the connection is blocked meanwhile. */
  readonly waitTimeout?: number;
  /** Whether the status of created events is looked up later. */
  readonly awaitStatus?: boolean;
  /** Counts ignored webhooks; the counts are written together with the next deliveries. */
  readonly ignored?: IgnoredCounter;
}

type Entries = Parameters<IQueueBackend['addJobs']>[0];
type FinishArguments = ReturnType<BackendMembers['moveToCompletedArgs']>;

const FINISHED_ON = indexOfArgument('moveToFinished', 'timestamp');

/** Returned by the script for a dead letter whose replay is not running. */
const NOT_RUNNING = -100;

const add = (extended: BullmqScript) =>
  extension(import.meta.url, './lua/add.lua', { extended, keys: ['ledger'] });

const ADD: Readonly<Record<string, Extension>> = {
  addStandardJob: add('addStandardJob'),
  addPrioritizedJob: add('addPrioritizedJob'),
  addDelayedJob: add('addDelayedJob'),
};
const ALL_ADD = Object.values(ADD);

const FINISH = extension(import.meta.url, './lua/finish.lua', {
  extended: 'moveToFinished',
  keys: ['ledger', 'base'],
  args: ['awaitStatus'],
  constants: { GROUP_OTHER: OTHER_GROUP },
});

const REPLAY = extension(import.meta.url, './lua/replay.lua', {
  extended: 'reprocessJob',
  keys: ['ledger', 'base'],
  args: ['keyPrefix', 'replay'],
  constants: { GROUP_OTHER: OTHER_GROUP, NOT_RUNNING, REPLAY_PRIORITY },
});

const REMOVE = extension(import.meta.url, './lua/remove.lua', {
  extended: 'removeJob',
  keys: ['ledger', 'base'],
  args: ['counter'],
  constants: { GROUP_OTHER: OTHER_GROUP },
});

const COUNT_IGNORED = luaScript(import.meta.url, './lua/count-ignored.lua', {
  keys: 2,
  constants: LUA_LAYOUT,
});
const COUNT_IGNORED_COMMAND = 'sluice:count-ignored';

/** Runs operations that the ledger counts with Sluice's scripts, and delegates the others to BullMQ's backend. */
export interface RedisDeliveryBackend extends Delegated {}
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: `delegate` assigns what the interface declares.
export class RedisDeliveryBackend implements DeliveryBackend {
  readonly prefix: string;
  readonly qualifiedName: string;
  readonly keys: KeysMap;
  readonly #plain: RedisQueueBackend;
  readonly #bullmq: BackendMembers;
  readonly #options: DeliveryBackendOptions;
  readonly #ledger: string;
  readonly #base: string;
  readonly #keyPrefix: string;

  constructor(plain: RedisQueueBackend, options: DeliveryBackendOptions) {
    this.#plain = plain;
    this.#bullmq = assertBackendMembers(plain);
    this.#options = options;
    this.qualifiedName = plain.qualifiedName;
    this.keys = plain.keys;
    this.prefix = prefixOf(plain);
    this.#ledger = ledgerKey(this.prefix);
    this.#base = `${this.prefix}:`;
    this.#keyPrefix = plain.toKey('');
    delegate(this, plain);
  }

  get closing(): Promise<void> | undefined {
    return this.#plain.closing;
  }

  get minimumBlockTimeout(): number {
    return this.#plain.minimumBlockTimeout;
  }

  get maximumBlockTimeout(): number {
    return this.#plain.maximumBlockTimeout;
  }

  on(...[event, listener]: Parameters<IQueueBackend['on']>): this {
    this.#plain.on(event, listener);
    return this;
  }

  once(...[event, listener]: Parameters<IQueueBackend['once']>): this {
    this.#plain.once(event, listener);
    return this;
  }

  removeListener(...[event, listener]: Parameters<IQueueBackend['removeListener']>): this {
    this.#plain.removeListener(event, listener);
    return this;
  }

  forQueue(): never {
    throw new Error('Flows are not supported: Sluice has one queue.');
  }

  async addJob(...[job, jobId, parentKeyOpts]: Parameters<IQueueBackend['addJob']>): Promise<string> {
    const [id = ''] = await this.addJobs([{ job, jobId, ...(parentKeyOpts && { parentKeyOpts }) }]);
    return id;
  }

  /**
   * Adds deliveries together, all or none.
   *
   * @throws OutOfStepError, and reconnects, if the replies belong to other commands
   */
  async addJobs(entries: Entries): Promise<string[]> {
    const { waitReplicas = 0, waitTimeout = 0, ignored } = this.#options;
    const client = await this.#bullmq.client;
    defineExtensions(client, ALL_ADD);
    defineScript(client, COUNT_IGNORED_COMMAND, COUNT_IGNORED);
    const writes: Write[] = entries.map(
      ({ job, jobId, parentKeyOpts }) =>
        (target) =>
          this.#bullmq.addJobToTransaction(this.#counted(target), job, jobId, parentKeyOpts),
    );
    const counts = ignored?.take();
    if (counts?.size) writes.push((target) => this.#countIgnored(target, counts));
    const replication = { replicas: waitReplicas, timeout: waitTimeout };
    try {
      const replies = await executeAtomically(client, writes, replication);
      return entries.map(({ jobId }, index) => this.#idOf(replies[index], jobId));
    } catch (error) {
      if (error instanceof OutOfStepError) client.disconnect(true);
      throw error;
    }
  }

  async moveToCompleted(
    ...[job, returnValue, removeOnComplete, token, fetchNext]: Parameters<IQueueBackend['moveToCompleted']>
  ): ReturnType<IQueueBackend['moveToCompleted']> {
    const value = JSON.stringify(returnValue);
    return this.#finish(
      job.id,
      this.#bullmq.moveToCompletedArgs(job, value, removeOnComplete, token, fetchNext),
    );
  }

  async moveToFailed(
    ...[job, reason, removeOnFail, token, fetchNext, fields]: Parameters<IQueueBackend['moveToFailed']>
  ): ReturnType<IQueueBackend['moveToFailed']> {
    // Empty where BullMQ fails the job, so that no failure from before a replay is left.
    const updated = { ...fields, [DELIVERY_FIELDS.failure]: failures.get(job) ?? '' };
    const args = this.#bullmq.moveToFailedArgs(job, reason, removeOnFail, token, fetchNext, updated);
    return this.#finish(job.id, args);
  }

  async retryFinishedJob(
    ...[job, state, options = {}]: Parameters<IQueueBackend['retryFinishedJob']>
  ): Promise<void> {
    if (state !== 'failed') throw new Error('Only a dead letter can be replayed.');
    const { resetAttemptsMade = false, resetAttemptsStarted = false } = options;
    const reply = await this.#replay(job.id ?? '', '', [resetAttemptsMade, resetAttemptsStarted]);
    if (reply !== 1) throw this.#error(reply, 'reprocessJob', job.id, state);
  }

  async removeAs(id: string, as: Removal): Promise<Removed> {
    const client = await this.#define(REMOVE);
    const args = [...keysOf('removeJob', this.#keyPrefix, { job: id }), id, 0, this.#keyPrefix];
    const reply = await runExtension(client, REMOVE, args, { keys: [this.#ledger, this.#base], args: [as] });
    if (typeof reply === 'string') return reply as Removed;
    throw this.#error(reply, 'removeJob', id);
  }

  async replay(id: string, replay: string): Promise<boolean> {
    return (await this.#replay(id, replay, [true, true])) === 1;
  }

  async transition(move: Transition, args: readonly (string | number)[]): Promise<unknown> {
    const client = await this.#bullmq.client;
    const command = `sluice:${move}`;
    defineScript(client, command, TRANSITIONS[move]);
    return client.runCommand(command, [this.#ledger, this.#base, this.#keyPrefix, ...args]);
  }

  async countIgnored(counts: ReadonlyMap<string, number>): Promise<void> {
    const client = await this.#bullmq.client;
    defineScript(client, COUNT_IGNORED_COMMAND, COUNT_IGNORED);
    await this.#countIgnored(client, counts);
  }

  async delayWith(
    ours: Extension,
    { deliveryId, lock, delay }: DelayRequest,
    own: OwnArguments,
  ): Promise<void> {
    const client = await this.#define(ours);
    const options = { skipAttempt: true };
    const args = this.#bullmq.moveToDelayedArgs(deliveryId, Date.now(), lock, delay, options);
    const reply = await runExtension(client, ours, args, own);
    if (isRefusal(reply)) throw this.#error(reply, 'moveToDelayed', deliveryId, 'active');
  }

  async promoteWith(ours: Extension, own: OwnArguments): Promise<unknown> {
    const client = await this.#define(ours);
    const args = [...keysOf('promote', this.#keyPrefix), this.#keyPrefix, ''];
    return runExtension(client, ours, args, own);
  }

  async #define(ours: Extension): Promise<RedisClient> {
    const client = await this.#bullmq.client;
    defineExtensions(client, [ours]);
    return client;
  }

  /** Returns a client that replaces BullMQ's scripts that add a job with Sluice's, with the same keys and arguments. */
  #counted(target: ScriptTarget): RedisClient {
    const runCommand = (command: string, args: unknown[]) => {
      const ours = ADD[scriptOfCommand(command)];
      if (!ours) throw new Error(`${command} does not keep the ledger.`);
      return runExtension(target, ours, args, { keys: [this.#ledger], args: [] });
    };
    return { runCommand } as Partial<RedisClient> as RedisClient;
  }

  /** Returns the id of the stored delivery: this one, or the one that it duplicates. */
  #idOf(reply: unknown, own: string | undefined): string {
    if (typeof reply === 'number') throw this.#error(reply, 'addJob');
    const [asked, stored] = Array.isArray(reply) ? reply : [reply, reply];
    if (typeof stored === 'string' && (own === undefined || asked === own)) return stored;
    throw new OutOfStepError();
  }

  async #finish(
    jobId: string | undefined,
    args: FinishArguments,
  ): Promise<{ result: unknown[]; finishedOn: number }> {
    const client = await this.#define(FINISH);
    const own = { keys: [this.#ledger, this.#base], args: [this.#options.awaitStatus ? 1 : 0] };
    const reply = await runExtension(client, FINISH, args, own);
    if (isRefusal(reply)) throw this.#error(reply, 'moveToFinished', jobId, 'active');
    return { result: raw2NextJobData(reply as unknown[]), finishedOn: Number(args[FINISHED_ON]) };
  }

  /** @param resets whether the attempts made and the attempts started are set to 0 */
  async #replay(id: string, replay: string, resets: readonly boolean[]): Promise<unknown> {
    const client = await this.#define(REPLAY);
    const keys = keysOf('reprocessJob', this.#keyPrefix, { job: id });
    const args = [id, 'LPUSH', JOB_FIELDS.failedReason, QUEUE_KEYS.failed, ...resets.map(Number)];
    const own = { keys: [this.#ledger, this.#base], args: [this.#keyPrefix, replay] };
    return runExtension(client, REPLAY, [...keys, ...args], own);
  }

  #countIgnored(
    target: RedisClient | IRedisTransaction,
    counts: ReadonlyMap<string, number>,
  ): Promise<unknown> {
    const args = [this.#ledger, this.#keyPrefix, ...[...counts].flat()];
    return target.runCommand(COUNT_IGNORED_COMMAND, args) as Promise<unknown>;
  }

  #error(reply: unknown, command: string, jobId?: string, state?: string): Error {
    return this.#bullmq.finishedErrors({
      code: Number(reply),
      command,
      ...(jobId !== undefined && { jobId }),
      ...(state !== undefined && { state }),
    });
  }
}

/** Stored failures of jobs that are about to fail. */
const failures = new WeakMap<object, string>();

/** Attaches its stored failure to a job. The script that fails the job writes it with BullMQ's own fields. */
export function attachFailure(job: object, failure: string): void {
  failures.set(job, failure);
}

function isRefusal(reply: unknown): boolean {
  return typeof reply === 'number' && reply < 0;
}

/** Returns the factory for `Queue` and `Worker`. */
export function deliveryBackend(options: DeliveryBackendOptions = {}): BackendFactory<RedisDeliveryBackend> {
  return (name, opts, purpose) => new RedisDeliveryBackend(createRedisBackend(name, opts, purpose), options);
}

/**
 * The same without options, for tests and benchmarks. It has the type of BullMQ's default backend, so that `Queue` and
 * `Worker` need no type arguments.
 */
export const createDeliveryBackend = deliveryBackend() as unknown as BackendFactory<RedisQueueBackend>;
