import type { ServerResponse } from 'node:http';
import { type Logger, stackFrames } from '@sluice/observability';

/**
 * Answers whatever a step did not foresee: 4xx if it is the request's fault (a broken %-escape), else 503, to
 * be resent. Where an answer has begun, it is cut off.
 */
export function answerFailure(response: ServerResponse, error: unknown, logger: Logger): void {
  const { status: told, name }: { status?: number; name?: string } = Object(error);
  if (response.headersSent) return void response.destroy();
  const status = told !== undefined && told < 500 ? told : 503;
  if (status === 503) logger.error({ error: name, at: stackFrames(error) }, 'webhook.failed');
  const content = JSON.stringify({ error: status === 503 ? 'unavailable' : 'malformed' });
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': content.length });
  response.end(content);
}
