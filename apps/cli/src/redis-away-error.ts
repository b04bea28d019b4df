/** Redis does not answer; `message` says where it was looked for, without a password. */
export class RedisAwayError extends Error {
  override readonly name = 'RedisAwayError';
}
