import { Router } from 'express';
import { z } from 'zod';
import { CALL_OUTCOMES, type Call, type CallLog } from '../call-log.ts';
import type { Sandbox } from '../sandbox.ts';
import { check } from './check.ts';

const DEFAULT_LIMIT = 1_000;
const text = z.string().min(1).optional();

const callQuery = z.strictObject({
  botId: text,
  integrationId: text,
  type: text,
  deliveryId: text,
  outcome: z.enum(CALL_OUTCOMES).optional(),
  status: z.coerce.number().int().optional(),
  /** Milliseconds since the epoch, inclusive. */
  since: z.coerce.number().optional(),
  limit: z.coerce.number().int().min(1).default(DEFAULT_LIMIT),
});

type CallQuery = z.output<typeof callQuery>;

/** `/sandbox/calls`: the newest createEvent calls that fit the filters, in order of arrival. */
export function createCallRoutes({ calls }: Pick<Sandbox, 'calls'>): Router {
  const router = Router();
  router.get('/calls', (request, response) => {
    const query = check(callQuery, request.query, response);
    if (query) response.json({ total: calls.total, calls: findCalls(calls, query) });
  });
  return router;
}

function findCalls(calls: CallLog, { since, limit, ...filters }: CallQuery): Call[] {
  const wanted = Object.entries(filters).filter(([, value]) => value !== undefined) as [
    keyof Call,
    unknown,
  ][];
  const found: Call[] = [];
  for (const call of calls.newestFirst()) {
    if (found.length === limit) break;
    if (since !== undefined && call.at < since) continue;
    if (wanted.every(([field, value]) => call[field] === value)) found.push(call);
  }
  return found.reverse();
}
