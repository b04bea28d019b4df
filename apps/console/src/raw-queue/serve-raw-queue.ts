import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { AuditLog, RawQueues } from '@sluice/queue';
import { type RequestHandler, Router } from 'express';
import { Problem } from '../problem.ts';
import { notesOf } from '../request-notes.ts';

/** Where it is mounted; bull-board writes it into its page. */
export const RAW_QUEUE = '/queues';

/**
 * The console's own, but for two things that bull-board cannot do without: styles within its page, and a base for its
 * links. The fonts that it would fetch from another host stay out.
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
 * Serves bull-board over the queue of each shard, for whoever is signed in already. It only shows: what it would change
 * would go by the ledger. Bodies are left out, for it does not mask them.
 */
export function serveRawQueue({ queues, audit }: RawQueueOptions): Router {
  const adapter = new ExpressAdapter().setBasePath(RAW_QUEUE);
  const board = createBullBoard({
    queues: [],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Sluice, the raw queue', hideRedisDetails: true } },
  });
  // Its own would tell the words of whatever was thrown.
  adapter.setErrorHandler(() => ({ status: 500, body: { error: 'That is not available now' } }));
  let shown: ReturnType<RawQueues['all']> = [];
  const keepUp: RequestHandler = (_request, _response, next) => {
    const now = queues.all();
    if (now.length !== shown.length || now.some((queue, index) => queue !== shown[index])) {
      board.replaceQueues(now.map(toShown));
      shown = now;
    }
    next();
  };
  const router = Router();
  router.use(onlyLook(), keepUp, tell(audit), adapter.getRouter());
  return router;
}

function toShown(queue: ReturnType<RawQueues['all']>[number]): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, { readOnlyMode: true, prefix: `${queue.opts.prefix} ` });
  adapter.setFormatter('data', (data) => ({
    ...Object(data),
    ...{ body: undefined, deflated: undefined, headers: undefined },
  }));
  return adapter;
}

function onlyLook(): RequestHandler {
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new Problem('forbidden', 'the raw queue can only be looked at');
    }
    response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    next();
  };
}

/** One line for each time that its page is opened, not for what the page fetches then. */
function tell(audit: RawQueueOptions['audit']): RequestHandler {
  return async (request, _response, next) => {
    const { who } = notesOf(request);
    if (who && !/^\/(?:api|static)\//.test(request.path)) {
      await audit.append({ action: 'raw-queue', who: who.name, reason: '', about: {} });
    }
    next();
  };
}
