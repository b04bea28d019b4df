/** The command was called wrongly; `message` says what there is instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
