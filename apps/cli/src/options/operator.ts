import { hostname, userInfo } from 'node:os';
import type { CliContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { formatCount } from '../render/format.ts';

/** Changes of more dead letters than this need a confirmation. */
const CONFIRM_ABOVE = 100;

/** Arguments of `option` for the operator's note. */
export const NOTE_OPTION = ['--note <text>', 'note for the audit log'] as const;

/** Arguments of `option` for commands that ask for a confirmation. */
export const YES_OPTION = [
  '--yes',
  `confirmation of a change to more than ${CONFIRM_ABOVE} dead letters`,
] as const;

/** Arguments of `option` for commands that replay dead letters. */
export const SECOND_EVENTS_OPTION = [
  '--second-events',
  'confirmation of second events, for dead letters whose event the bot failed or ignored',
] as const;

/** Returns the name of the operator for the audit log: user and host, as reported by the system. */
export function operatorName(): string {
  return `${userName()}@${hostname()}`;
}

/** The user of a container may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

/**
 * Asks the operator before more than {@link CONFIRM_ABOVE} dead letters are changed.
 *
 * @param change the change as a participle, for example `discarded`
 * @returns whether to continue
 * @throws UsageError without a terminal and without --yes
 */
export async function confirmChange(
  count: number,
  change: string,
  { yes }: { readonly yes?: true },
  { confirm }: Pick<CliContext, 'confirm'>,
): Promise<boolean> {
  if (count <= CONFIRM_ABOVE || yes) return true;
  const statement = `${formatCount(count)} dead letters will be ${change}.`;
  if (!confirm) throw new UsageError(`${statement} Pass --yes to confirm.`);
  return confirm(statement);
}

/** States how many second events a replay would create. */
export function describeSecondEvents(count: number): string {
  const subject = count === 1 ? '1 dead letter has' : `${formatCount(count)} dead letters have`;
  return `${subject} an event already, which the bot failed or ignored. The replay creates a second one, and the bot may have acted on the first.`;
}

/**
 * Asks the operator before a replay that creates second events.
 *
 * @param count dead letters that have an event already
 * @returns whether to continue
 * @throws UsageError without a terminal and without --second-events
 */
export async function confirmSecondEvents(
  count: number,
  { secondEvents }: { readonly secondEvents?: true },
  { confirm }: Pick<CliContext, 'confirm'>,
): Promise<boolean> {
  if (count === 0 || secondEvents) return true;
  const statement = describeSecondEvents(count);
  if (!confirm) throw new UsageError(`${statement} Pass --second-events to confirm.`);
  return confirm(statement);
}
