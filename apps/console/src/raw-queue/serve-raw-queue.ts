import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { AuditLog, RawQueues } from '@sluice/queue';
import { type RequestHandler, Router } from 'express';
import { Problem } from '../http/problem.ts';
import { detailsOf } from '../http/request-details.ts';

/** Path of the board, which bull-board writes into its page. */
export const RAW_QUEUE = '/queues';

/**
 * The policy of the console, with two exceptions for bull-board: inline styles, and a base URL for its links. The fonts
 * that it loads from another host stay blocked.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

interface RawQueueOptions {
  readonly queues: RawQueues;
  readonly audit: Pick<AuditLog, 'append'>;
}

/**
 * Serves bull-board over the queue of each shard, read-only, because its changes would bypass the ledger. Bodies and
 * headers are omitted, because bull-board does not mask personal data.
 */
export function serveRawQueue({ queues, audit }: RawQueueOptions): Router {
  const adapter = new ExpressAdapter().setBasePath(RAW_QUEUE);
  const board = createBullBoard({
    queues: [],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Sluice raw queue', hideRedisDetails: true } },
  });
  // The default handler would send the message of the error.
  adapter.setErrorHandler(() => ({ status: 500, body: { error: 'Internal error' } }));
  let shown: ReturnType<RawQueues['all']> = [];
  const updateQueues: RequestHandler = (_request, _response, next) => {
    const current = queues.all();
    if (current.length !== shown.length || current.some((queue, index) => queue !== shown[index])) {
      board.replaceQueues(current.map(toReadOnly));
      shown = current;
    }
    next();
  };
  const router = Router();
  router.use(requireRead(), updateQueues, recordVisits(audit), adapter.getRouter());
  return router;
}

function toReadOnly(queue: ReturnType<RawQueues['all']>[number]): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, { readOnlyMode: true, prefix: `${queue.opts.prefix} ` });
  adapter.setFormatter('data', (data) => ({
    ...Object(data),
    ...{ body: undefined, deflated: undefined, headers: undefined },
  }));
  return adapter;
}

function requireRead(): RequestHandler {
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new Problem('forbidden', 'The raw queue is read-only. Use the dead-letter operations.');
    }
    response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    next();
  };
}

/** Writes an audit entry for each visit of the page, not for the requests of the page. */
function recordVisits(audit: RawQueueOptions['audit']): RequestHandler {
  return async (request, _response, next) => {
    const { user } = detailsOf(request);
    if (user && !/^\/(?:api|static)\//.test(request.path)) {
      await audit.append({ action: 'raw-queue', who: user.name, reason: '', about: {} });
    }
    next();
  };
}
