import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Response, Router } from 'express';
import { z } from 'zod';
import { CALL_OUTCOMES, type Call, type CallLog } from '../call-log.ts';
import { presentRecord, RECORD_KINDS } from '../chat-records.ts';
import type { Ledger } from '../ledger.ts';
import type { Sandbox } from '../sandbox.ts';
import type { WaitGoal, WaitResult } from '../waits.ts';
import { sendError, validate } from './validate.ts';

/** `/sandbox/ledger`: counts of created events, for verification from outside. */
export function createLedgerRoutes(sandbox: Sandbox): Router {
  const router = Router();
  router.get('/ledger', (_request, response) => {
    response.json(sandbox.ledger.report());
  });
  // Streamed: a million ids take 60 MB.
  router.get('/ledger/deliveries', async (_request, response) => {
    response.type('application/x-ndjson');
    await pipeline(Readable.from(deliveryLines(sandbox.ledger)), response).catch(() => response.destroy());
  });
  router.delete('/ledger', async (_request, response) => {
    await sandbox.clearEvents();
    response.json(sandbox.ledger.report());
  });
  return router;
}

const LINES_PER_CHUNK = 1_000;

function* deliveryLines(ledger: Ledger): Generator<string> {
  let lines: string[] = [];
  for (const [deliveryId, count] of ledger.deliveries()) {
    lines.push(`${JSON.stringify({ deliveryId, count })}\n`);
    if (lines.length < LINES_PER_CHUNK) continue;
    yield lines.join('');
    lines = [];
  }
  if (lines.length > 0) yield lines.join('');
}

const DEFAULT_LIMIT = 1_000;
const text = z.string().min(1).optional();

const recordQuery = z.strictObject({ botId: text });

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

/** `/sandbox/calls`: the newest createEvent calls that match the filters, in order of arrival. */
export function createCallRoutes({ calls }: Pick<Sandbox, 'calls'>): Router {
  const router = Router();
  router.get('/calls', (request, response) => {
    const query = validate(callQuery, request.query, response);
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

/** `/sandbox/conversations`, `/sandbox/users`, `/sandbox/messages`: list and remove what getOrCreate created. */
export function createRecordRoutes({ records }: Pick<Sandbox, 'records'>): Router {
  const router = Router();
  for (const kind of RECORD_KINDS) {
    router.get(`/${kind}s`, (request, response) => {
      const query = validate(recordQuery, request.query, response);
      if (!query) return;
      const found = records
        .list(kind)
        .filter(({ botId }) => query.botId === undefined || botId === query.botId);
      const shown = found.map((record) => ({
        ...presentRecord(record),
        botId: record.botId,
        integrationId: record.integrationId,
      }));
      response.json({ [`${kind}s`]: shown });
    });
    router.delete(`/${kind}s`, (_request, response) => {
      response.json({ removed: records.remove(kind) });
    });
    router.delete(`/${kind}s/:id`, (request, response) => {
      const removed = records.remove(kind, request.params.id);
      if (removed > 0) response.json({ removed });
      else sendError(response, 404, `The ${kind} does not exist.`);
    });
  }
  return router;
}

/** `/sandbox/workspaces`: the calls of each workspace, reads included. */
export function createWorkspaceRoute({ rateLimits }: Pick<Sandbox, 'rateLimits'>): Router {
  const router = Router();
  router.get('/workspaces', (_request, response) => {
    response.json({ workspaces: rateLimits.report() });
  });
  return router;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_TIMEOUT_MS = 600_000;

const waitQuery = z
  .strictObject({
    commits: z.coerce.number().int().min(0).optional(),
    calls: z.coerce.number().int().min(0).optional(),
    /** Counts different deliveryIds instead of commits. */
    distinct: z.stringbool().default(false),
    timeoutMs: z.coerce.number().int().min(0).max(MAX_TIMEOUT_MS).default(DEFAULT_TIMEOUT_MS),
  })
  .refine(
    ({ commits, calls }) => commits !== undefined || calls !== undefined,
    'commits or calls is required',
  );

/** `/sandbox/wait`: responds when the number of commits or calls is reached, so callers need not poll. */
export function createWaitRoute({
  waits,
  ledger,
  calls,
}: Pick<Sandbox, 'waits' | 'ledger' | 'calls'>): Router {
  const router = Router();
  router.get('/wait', (request, response) => {
    const query = validate(waitQuery, request.query, response);
    if (!query) return;
    const goal: WaitGoal = {
      ...(query.commits !== undefined && { [query.distinct ? 'distinct' : 'commits']: query.commits }),
      ...(query.calls !== undefined && { calls: query.calls }),
    };
    const cancel = waits.until(goal, query.timeoutMs, (result) => {
      const progress = { commits: ledger.commits, distinct: ledger.distinct, calls: calls.total };
      sendResult(response, result, progress);
    });
    response.once('close', cancel);
  });
  return router;
}

function sendResult(response: Response, result: WaitResult, progress: WaitGoal): void {
  switch (result) {
    case 'reached':
      response.json(progress);
      return;
    case 'timed out':
      response
        .status(408)
        .json({ error: { message: 'The goal was not reached within timeoutMs.', issues: [] }, ...progress });
      return;
    case 'closing':
      response.status(503).json({ error: { message: 'The sandbox is closing.', issues: [] }, ...progress });
  }
}
