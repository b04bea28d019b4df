/** Exit codes of the process. Scripts rely on them. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Invalid usage of a command. `message` states what to pass instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Redis does not respond. `message` contains its address without the password. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
}
