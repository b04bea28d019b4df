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
