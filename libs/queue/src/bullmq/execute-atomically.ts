import type { IRedisTransaction, RedisClient } from 'bullmq';
import type { ChainableCommander } from 'ioredis';
import type { RedisConnection } from '../redis/connect.ts';

/**
 * An answer of Redis is for something else than what was asked, and so are all that come after it on its connection.
 * Seen when ioredis' Cluster waited for the answer of a command that it had never sent (ADR 18).
 */
export class OutOfStepError extends Error {
  override readonly name = 'OutOfStepError';

  constructor() {
    super('Redis answered something else than what was asked: whether it is stored is not known');
  }
}

/** How many replicas must have what was written, and how long they are waited for. */
export interface Replication {
  readonly replicas: number;
  /** Milliseconds, during which the connection carries nothing else. */
  readonly timeout: number;
}

/** Runs a script, or puts it on a transaction. */
export type Write = (target: RedisClient | IRedisTransaction) => Promise<unknown>;

/**
 * Writes all or nothing, in one round trip that includes the wait for replicas.
 *
 * A transaction costs one fsync. A pipeline does not: RedisConnection reads 16 kB at a time and syncs after each, some
 * ten times for 20 deliveries of 8 kB (measured: 2 to 4 times slower where the disk is busy).
 *
 * @returns the replies
 * @throws an Error if something was refused, or if too few replicas have it; OutOfStepError
 */
export async function executeAtomically(
  client: RedisClient,
  writes: readonly Write[],
  replication: Replication,
): Promise<unknown[]> {
  const [only] = writes;
  if (only && writes.length === 1 && replication.replicas === 0) return [await only(client)];
  const replies = await transact(client, writes, replication);
  if (!replies.some(isUnknownScript)) return replies;
  // Redis lost its scripts (SCRIPT FLUSH), or was too full to take one in when it came first. A transaction
  // runs on without it. ioredis sends the script itself only for what is outside of one.
  const complete = await Promise.all(
    writes.map((write, index) => (isUnknownScript(replies[index]) ? write(client) : replies[index])),
  );
  const { replicas, timeout } = replication;
  if (replicas > 0)
    assertReplicated(replication, await (client as unknown as RedisConnection).wait(replicas, timeout));
  return complete;
}

async function transact(
  client: RedisClient,
  writes: readonly Write[],
  replication: Replication,
): Promise<unknown[]> {
  const pipeline = client.pipeline();
  const commander = pipeline as unknown as ChainableCommander & { multi(): void };
  commander.multi();
  await Promise.all(writes.map((write) => write(pipeline)));
  // Within a transaction this only puts EXEC on the pipeline.
  void commander.exec();
  if (replication.replicas > 0) commander.wait(replication.replicas, replication.timeout);
  const results = (await commander.exec()) ?? [];
  // What was refused before EXEC says why; EXEC itself says only that something was.
  const refused = results.find(([error]) => error)?.[0];
  if (refused) throw refused;
  const replies = results[writes.length + 1]?.[1];
  if (!Array.isArray(replies)) throw new OutOfStepError();
  const failed = replies.find((reply) => reply instanceof Error && !isUnknownScript(reply));
  if (failed) throw failed;
  if (replication.replicas > 0) assertReplicated(replication, Number(results.at(-1)?.[1]));
  return replies;
}

function assertReplicated({ replicas, timeout }: Replication, reached: number): void {
  if (reached >= replicas) return;
  throw new Error(`only ${reached} of ${replicas} replicas have it after ${timeout} ms`);
}

function isUnknownScript(reply: unknown): boolean {
  return reply instanceof Error && reply.message.startsWith('NOSCRIPT');
}
