import type { FailureDetail } from '@sluice/queue';

/** What others wrote, on one line: it must not write on the terminal. */
export const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

/** A number for people: 12,345. */
export const figure = (number: number): string => number.toLocaleString('en-US');

/** Why something died, in one line: the first issue says more than that there are some. */
export function deathLine({ message, issues = [] }: FailureDetail): string {
  const [issue] = issues;
  return oneLine(issue ? `${issue.path}: ${issue.message}` : message);
}
