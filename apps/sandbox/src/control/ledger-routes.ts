import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router } from 'express';
import type { Ledger } from '../ledger.ts';
import type { Sandbox } from '../sandbox.ts';

/** `/sandbox/ledger`: what was created, for proof from outside. */
export function createLedgerRoutes(sandbox: Sandbox): Router {
  const router = Router();
  router.get('/ledger', (_request, response) => {
    response.json(sandbox.ledger.report());
  });
  // Streamed: a million ids are 60 MB.
  router.get('/ledger/deliveries', async (_request, response) => {
    response.type('application/x-ndjson');
    await pipeline(Readable.from(deliveryLines(sandbox.ledger)), response).catch(() => response.destroy());
  });
  router.delete('/ledger', async (_request, response) => {
    await sandbox.forgetEvents();
    response.json(sandbox.ledger.report());
  });
  return router;
}

const LINES_A_CHUNK = 1_000;

function* deliveryLines(ledger: Ledger): Generator<string> {
  let lines: string[] = [];
  for (const [deliveryId, count] of ledger.deliveries()) {
    lines.push(`${JSON.stringify({ deliveryId, count })}\n`);
    if (lines.length < LINES_A_CHUNK) continue;
    yield lines.join('');
    lines = [];
  }
  if (lines.length > 0) yield lines.join('');
}
