import type { Request, Response } from 'express';
import { admit } from './admit.ts';
import { type Answer, type AnswerHeaders, jsonAnswer, refusalAnswer, sendAnswer } from './answer.ts';
import { refuse } from './api-error.ts';
import type { Sandbox } from './sandbox.ts';

/**
 * Serves `GET /v1/admin/integrations/:id`, the one call of the Admin API that `sluice connections check`
 * makes. Unlike Botpress it takes a bot's token and asks for no workspace.
 */
export function serveGetIntegration(sandbox: Sandbox, request: Request, response: Response): void {
  const admission = admit(sandbox, request.headers, false);
  const answer = admission.ok
    ? answerIntegration(sandbox, String(request.params.id), admission.headers)
    : admission.answer;
  sendAnswer(response, answer);
}

function answerIntegration({ registry, newId }: Sandbox, id: string, headers: AnswerHeaders): Answer {
  const found = registry.list().find(({ integrationId }) => integrationId === id);
  if (!found) {
    const refusal = refuse('ResourceNotFound', 'no such integration is registered');
    return refusalAnswer(refusal, newId('err'), headers);
  }
  // Schemas are kept compiled only, so the answer has none.
  const events = Object.fromEntries(found.events.map((name) => [name, { schema: {} }]));
  return jsonAnswer(
    200,
    JSON.stringify({ integration: { id, name: id, version: '0.0.0', events } }),
    headers,
  );
}
