import { hostname, userInfo } from 'node:os';

/** Who runs the command, for the audit line: user and machine, as the system names them. */
export function operatorName(): string {
  return `${userName()}@${hostname()}`;
}

/** A container may run as a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
