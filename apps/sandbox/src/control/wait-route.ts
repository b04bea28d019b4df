import { type Response, Router } from 'express';
import { z } from 'zod';
import type { Sandbox } from '../sandbox.ts';
import type { WaitGoal, WaitResult } from '../waits.ts';
import { check } from './check.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_TIMEOUT_MS = 600_000;

const waitQuery = z
  .strictObject({
    commits: z.coerce.number().int().min(0).optional(),
    calls: z.coerce.number().int().min(0).optional(),
    /** Counts different deliveryIds in the place of commits. */
    distinct: z.stringbool().default(false),
    timeoutMs: z.coerce.number().int().min(0).max(MAX_TIMEOUT_MS).default(DEFAULT_TIMEOUT_MS),
  })
  .refine(({ commits, calls }) => commits !== undefined || calls !== undefined, 'give commits=N or calls=N');

/** `/sandbox/wait`: answers once so many commits or calls are there, so that nobody need sleep or poll. */
export function createWaitRoute({
  waits,
  ledger,
  calls,
}: Pick<Sandbox, 'waits' | 'ledger' | 'calls'>): Router {
  const router = Router();
  router.get('/wait', (request, response) => {
    const query = check(waitQuery, request.query, response);
    if (!query) return;
    const goal: WaitGoal = {
      ...(query.commits !== undefined && { [query.distinct ? 'distinct' : 'commits']: query.commits }),
      ...(query.calls !== undefined && { calls: query.calls }),
    };
    const giveUp = waits.until(goal, query.timeoutMs, (result) => {
      const progress = { commits: ledger.commits, distinct: ledger.distinct, calls: calls.total };
      sendResult(response, result, progress);
    });
    response.once('close', giveUp);
  });
  return router;
}

function sendResult(response: Response, result: WaitResult, progress: WaitGoal): void {
  switch (result) {
    case 'reached':
      response.json(progress);
      return;
    case 'timed out':
      response.status(408).json({ error: { message: 'not reached in time', issues: [] }, ...progress });
      return;
    case 'closing':
      response.status(503).json({ error: { message: 'the sandbox closes', issues: [] }, ...progress });
  }
}
