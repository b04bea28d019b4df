import { type NextFunction, type Request, type Response, Router } from 'express';
import { admit } from './admit.ts';
import { type Answer, type AnswerHeaders, jsonAnswer, refusalAnswer, sendAnswer } from './answer.ts';
import { refuse } from './api-error.ts';
import { isVisible, presentEvent } from './event.ts';
import { openExchange } from './exchange.ts';
import type { FaultTarget } from './fault.ts';
import { serveGetIntegration } from './get-integration.ts';
import type { Caller } from './identity.ts';
import { listEvents, listQuery } from './list-events.ts';
import { runWithFaults } from './run-with-faults.ts';
import type { Sandbox } from './sandbox.ts';

/** What can be read: listEvents, getEvent, getIntegration. What it does not have is answered as Botpress does. */
export function createRuntimeRoutes(sandbox: Sandbox): Router {
  const router = Router();
  router
    .route('/v1/chat/events')
    .get((request, response) => serveRead(sandbox, 'listEvents', request, response, answerList))
    .all(refuseMethod(sandbox));
  router
    .route('/v1/chat/events/:id')
    .get((request, response) => serveRead(sandbox, 'getEvent', request, response, answerGet))
    .all(refuseMethod(sandbox));
  router.get('/v1/admin/integrations/:id', (request, response) =>
    serveGetIntegration(sandbox, request, response),
  );
  router.use('/v1', (_request, response) => {
    const refusal = refuse('ResourceNotFound', 'the sandbox has no such route');
    sendAnswer(response, refusalAnswer(refusal, sandbox.newId('err')));
  });
  return router;
}

type Read = (sandbox: Sandbox, caller: Caller, request: Request, headers: AnswerHeaders) => Answer;

function serveRead(
  sandbox: Sandbox,
  operation: FaultTarget['operation'],
  request: Request,
  response: Response,
  read: Read,
): void {
  const exchange = openExchange(response);
  const admission = admit(sandbox, request.headers, false);
  if (!admission.ok) {
    exchange.answer(admission.answer);
    return;
  }
  const { caller, headers } = admission;
  runWithFaults(sandbox, { operation, botId: caller.botId }, exchange, () =>
    read(sandbox, caller, request, headers),
  );
}

function answerList(sandbox: Sandbox, caller: Caller, request: Request, headers: AnswerHeaders): Answer {
  const query = listQuery.safeParse(request.query);
  if (query.success) return jsonAnswer(200, listEvents(sandbox.store, caller, query.data), headers);
  const told = query.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  return refusalAnswer(refuse('InvalidQuery', told), sandbox.newId('err'), headers);
}

function answerGet(sandbox: Sandbox, caller: Caller, request: Request, headers: AnswerHeaders): Answer {
  const event = sandbox.store.get(String(request.params.id));
  if (event && isVisible(event, caller)) {
    return jsonAnswer(200, `{"event":${presentEvent(event, caller)}}`, headers);
  }
  return refusalAnswer(refuse('ResourceNotFound', 'no such event'), sandbox.newId('err'), headers);
}

function refuseMethod(sandbox: Sandbox) {
  return (_request: Request, response: Response, _next: NextFunction): void =>
    sendAnswer(response, refusalAnswer(refuse('MethodNotFound'), sandbox.newId('err')));
}
