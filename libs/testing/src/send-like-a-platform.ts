import { setTimeout as pause } from 'node:timers/promises';
import type { SenderLedger } from './ledger.ts';

export interface PlatformRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SendingOptions {
  /** Where to post to; asked anew for each try, for ingest may have moved. */
  readonly url: () => string;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Told after each 2xx, with how many there were. */
  readonly onAccepted?: (count: number) => void;
}

/** Milliseconds between two tries. Platforms wait longer; what matters is that they come back. */
const RESEND = 25;
/** Milliseconds that a platform waits for its answer. */
const PATIENCE = 5_000;

/** Posts each request until it gets a 2xx, as platforms do, and writes down what it was told. */
export async function sendLikeAPlatform(
  requests: readonly PlatformRequest[],
  options: SendingOptions,
): Promise<SenderLedger> {
  const ledger: SenderLedger = { accepted: new Set(), answers: new Map() };
  let next = 0;
  let count = 0;
  const work = async () => {
    for (let request = requests[next++]; request; request = requests[next++]) {
      await sendUntilAccepted(request, options, ledger);
      options.onAccepted?.(++count);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
  return ledger;
}

async function sendUntilAccepted(
  { headers, body }: PlatformRequest,
  { url }: SendingOptions,
  { accepted, answers }: SenderLedger,
): Promise<void> {
  for (;;) {
    const answer = await post(url(), headers, body);
    const status = answer?.status ?? 0;
    answers.set(status, (answers.get(status) ?? 0) + 1);
    if (answer && status >= 200 && status < 300) {
      for (const id of answer.deliveries) accepted.add(id);
      return;
    }
    await pause(RESEND);
  }
}

async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ status: number; deliveries: readonly string[] } | undefined> {
  try {
    const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(PATIENCE) });
    const { deliveries = [] } = (await answer.json()) as { deliveries?: string[] };
    return { status: answer.status, deliveries };
  } catch {
    return undefined;
  }
}
