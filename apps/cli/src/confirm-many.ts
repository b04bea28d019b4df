import { figure } from './printed.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

/** More than so many are changed only if somebody says yes. */
export const MANY = 100;

/**
 * Asks before a great many are changed, where somebody sits there to answer.
 *
 * @param what is done to them, e.g. `put back`
 * @returns whether it may be done
 * @throws UsageError where nobody sits there, and --yes was not given
 */
export async function confirmMany(
  count: number,
  what: string,
  { yes }: { readonly yes?: true },
  { confirm }: Pick<Surroundings, 'confirm'>,
): Promise<boolean> {
  if (count <= MANY || yes) return true;
  const which = `${figure(count)} dead letters`;
  if (!confirm) throw new UsageError(`that is ${which}  — with --yes they are ${what}`);
  return confirm(`${which} are to be ${what}.`);
}
