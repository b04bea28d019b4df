import { type Issue, maskText } from '@sluice/events';
import { z } from 'zod';

/** What did not fit a schema, and where. */
export const issuesSchema = z.array(z.object({ path: z.string(), message: z.string() }));

/** An object with the issues, if there are any, to be spread into another. */
export function viewIssues(issues: readonly Issue[] | undefined): { issues?: z.output<typeof issuesSchema> } {
  return issues ? { issues: issues.map(({ path, message }) => ({ path, message: maskText(message) })) } : {};
}
