import type { SampleRequest } from '@sluice/events';
import type { Target } from './target.ts';

export interface WebhookResponse {
  readonly status: number;
  /** Without the date, which differs between responses. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Deliveries of an accepted webhook. */
  readonly deliveries: readonly string[];
  readonly result: string | undefined;
}

/** Posts a webhook like a well-behaved client. */
export async function post(
  { pipeline }: Target,
  to: string,
  { headers, body }: SampleRequest,
): Promise<WebhookResponse> {
  const answer = await fetch(pipeline.webhookUrl(to), { method: 'POST', headers, body });
  const text = await answer.text();
  const { date: _, ...rest } = Object.fromEntries(answer.headers);
  const { result, deliveries = [] } = readJson(text);
  return { status: answer.status, headers: rest, text, deliveries, result };
}

function readJson(text: string): { result?: string; deliveries?: string[] } {
  try {
    return JSON.parse(text) as { result?: string; deliveries?: string[] };
  } catch {
    return {};
  }
}

/** Returns status and result: `200 accepted`, `401`. */
export const toStatus = ({ status, result }: WebhookResponse): string =>
  result === undefined ? String(status) : `${status} ${result}`;
