import { maskText } from '@sluice/events';
import { DEAD_REASONS, type DeadLetter, FAULT_OF, REMEDIES } from '@sluice/queue';
import { z } from 'zod';
import { issuesSchema, viewIssues } from './issues.ts';

/** Milliseconds since the epoch. */
export const moment = z.int().min(0);
export const count = z.int().min(0);

/** Why a delivery died, whose fault that mostly is, and what to do. */
export const deathSchema = z.object({
  reason: z.enum(DEAD_REASONS),
  faultOf: z.enum(['sender', 'pipeline', 'destination']),
  remedy: z.string(),
  group: z.string().optional(),
  message: z.string(),
  issues: issuesSchema.optional(),
  status: z.int().optional(),
  type: z.string().optional(),
  errorId: z.string().optional(),
  source: z.string().optional(),
  event: z.string().optional(),
});

export function viewDeath({
  reason,
  group,
  detail,
  origin,
}: Pick<DeadLetter, 'reason' | 'group' | 'detail' | 'origin'>): z.output<typeof deathSchema> {
  const { message, issues, status, type, errorId } = detail;
  return {
    reason,
    faultOf: FAULT_OF[reason],
    remedy: REMEDIES[reason],
    ...(group === undefined ? {} : { group }),
    message: maskText(message),
    ...viewIssues(issues),
    ...(status === undefined ? {} : { status }),
    ...(type === undefined ? {} : { type }),
    ...(errorId === undefined ? {} : { errorId }),
    ...(origin ? { source: origin.source } : {}),
    ...(origin?.event === undefined ? {} : { event: origin.event }),
  };
}
