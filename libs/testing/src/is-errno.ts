/** Whether `error` is the system's error `code`, e.g. `EEXIST`. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
