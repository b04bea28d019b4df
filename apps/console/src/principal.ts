import type { ConsoleRole } from '@sluice/config';

/** Who asks. */
export interface Principal {
  readonly name: string;
  readonly role: ConsoleRole;
}

/** Whether somebody may do what needs that role; an operator may all. */
export function mayAct({ role }: Principal, needed: ConsoleRole): boolean {
  return role === 'operator' || needed === 'viewer';
}
