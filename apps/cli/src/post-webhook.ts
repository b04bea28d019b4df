import http from 'node:http';
import https from 'node:https';
import type { SampleRequest } from '@sluice/events';

/** What became of one webhook: an answer, or the code of the error that came instead. */
export type Outcome =
  | { readonly ok: true; readonly status: number; readonly body: string; readonly ms: number }
  | { readonly ok: false; readonly code: string };

export interface Poster {
  post(request: SampleRequest): Promise<Outcome>;
  close(): void;
}

/** Longer than any platform waits for its answer. */
const TIMEOUT_MS = 30_000;

/** Opens a poster to one address, over connections that are kept and shared. Its `post` never rejects. */
export function openPoster(url: URL, maxSockets: number, timeoutMs = TIMEOUT_MS): Poster {
  const { Agent, request: open } = url.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets });
  const post = (webhook: SampleRequest): Promise<Outcome> =>
    new Promise((resolve) => {
      const started = performance.now();
      const body = Buffer.from(webhook.body);
      const headers = { ...webhook.headers, 'content-length': body.length };
      const signal = AbortSignal.timeout(timeoutMs);
      const fail = (error: Error) => resolve({ ok: false, code: codeOf(error) });
      const request = open(url, { method: 'POST', agent, headers, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const ms = performance.now() - started;
          resolve({ ok: true, status: response.statusCode ?? 0, body: text, ms });
        });
      });
      request.on('error', fail);
      request.end(body);
    });
  return { post, close: () => agent.destroy() };
}

function codeOf(error: Error): string {
  if (error.name === 'AbortError') return 'ETIMEDOUT';
  return 'code' in error ? String(error.code) : error.name;
}
