import { type Issue, maskText } from '@sluice/events';
import { z } from 'zod';
import { issueSchema } from '../http/problem.ts';

export const moment = z.int().min(0).meta({ id: 'Timestamp', description: 'Milliseconds since the epoch.' });

export const count = z.int().min(0);

export const userSchema = z
  .object({ name: z.string(), role: z.enum(['viewer', 'operator']) })
  .meta({ id: 'User' });

/** The note of an operator for the audit log. */
export const note = z.string().trim().min(1).max(500).describe('note for the audit log');

export const noteBody = z
  .strictObject({ note })
  .meta({ id: 'Note', description: 'Reason of a change, for the audit log.' });

/** Schema issues of a delivery. */
export const issuesSchema = z.array(issueSchema);

/** Returns an object with the masked issues, or an empty one without any. */
export function viewIssues(issues: readonly Issue[] | undefined): { issues?: z.output<typeof issuesSchema> } {
  return issues ? { issues: issues.map(({ path, message }) => ({ path, message: maskText(message) })) } : {};
}
