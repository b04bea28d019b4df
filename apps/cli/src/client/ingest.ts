import { setMaxListeners } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { SampleRequest } from '@sluice/events';
import type { Clock } from '../context.ts';

/** The response to a webhook, or the code of the error without one. */
export type PostResult =
  | { readonly ok: true; readonly status: number; readonly body: string; readonly ms: number }
  | { readonly ok: false; readonly code: string };

export interface IngestClient {
  post(request: SampleRequest): Promise<PostResult>;
  close(): void;
}

/** Longer than any platform waits for a response. */
const TIMEOUT_MS = 30_000;

/** Opens a client for one webhook address that reuses its connections. Its `post` never rejects. */
export function openIngestClient(url: URL, maxSockets: number, timeoutMs = TIMEOUT_MS): IngestClient {
  const { Agent, request: open } = url.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets });
  const post = (webhook: SampleRequest): Promise<PostResult> =>
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

export interface IngestResponse {
  /** `accepted`, `duplicate`, `ignored` or `quarantined`; null for a response that is not from ingest. */
  readonly result: string | null;
  readonly deliveries: readonly string[];
}

/** Parses the body of a response from ingest. */
export function parseResponse(body: string): IngestResponse {
  const json = parseJson(body);
  const { result, deliveries } =
    typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  return {
    result: typeof result === 'string' ? result : null,
    deliveries: Array.isArray(deliveries) ? deliveries.filter((id) => typeof id === 'string') : [],
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

export interface SendPlan {
  readonly count: number;
  /** Webhooks per second; undefined: no limit. */
  readonly rate?: number | undefined;
  /** Maximum concurrent requests. */
  readonly concurrency: number;
  readonly compose: (number: number) => SampleRequest;
  readonly post: (request: SampleRequest) => Promise<PostResult>;
  readonly clock: Clock;
}

/** Nothing listens at the address: further requests fail the same way. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Sends webhooks 1 to `count` and returns their results. Stops early when the address is unreachable. */
export async function sendWebhooks(plan: SendPlan): Promise<PostResult[]> {
  const results: PostResult[] = [];
  const stop = new AbortController();
  // Each pending delay adds a listener. Node warns of a leak above ten.
  setMaxListeners(0, stop.signal);
  const waitUntilDue = createPacer(plan, stop.signal);
  let last = 0;

  const sendNext = async (): Promise<void> => {
    while (last < plan.count && !stop.signal.aborted) {
      const number = ++last;
      await waitUntilDue(number);
      if (stop.signal.aborted) return;
      const result = await plan.post(plan.compose(number));
      results.push(result);
      if (!result.ok && UNREACHABLE.has(result.code)) stop.abort();
    }
  };
  await Promise.all(Array.from({ length: Math.min(plan.concurrency, plan.count) }, sendNext));
  return results;
}

/** Computes due times from the start, so that slow responses do not lower the rate. */
function createPacer({ rate, clock }: SendPlan, signal: AbortSignal): (number: number) => Promise<void> {
  const started = clock.now();
  return async (number) => {
    const wait = rate ? started + ((number - 1) * 1_000) / rate - clock.now() : 0;
    if (wait > 0) await clock.delay(wait, signal);
  };
}
