import { setTimeout as pause } from 'node:timers/promises';
import { openSenderLedger, type SenderLedger } from './ledger.ts';

export interface PlatformRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SendingOptions<Request extends PlatformRequest = PlatformRequest> {
  /** Returns the URL. Called for each attempt, because ingest may have restarted on another port. */
  readonly url: (request: Request) => string;
  /** Concurrent requests. */
  readonly concurrency: number;
  /** Milliseconds between two attempts. Default: 25. Platforms wait longer. */
  readonly resendAfter?: number;
  /** Changes the request of a resend. Default: the same request. */
  readonly resend?: (request: Request) => PlatformRequest;
  /** Called after each 2xx with the number of accepted requests. */
  readonly onAccepted?: (count: number) => void;
  /** Called after each attempt. */
  readonly onResponse?: (answer: PlatformResponse) => void;
  /** An existing ledger to continue. */
  readonly ledger?: SenderLedger;
}

/** The response to one attempt. */
export interface PlatformResponse {
  /** The request; the same object for all attempts. */
  readonly request: PlatformRequest;
  /** 0: no response. */
  readonly status: number;
  /** Result in a 2xx response: accepted, duplicate … */
  readonly result?: string;
  readonly deliveries: readonly string[];
  /** Send time in milliseconds since the epoch. */
  readonly sentAt: number;
  /** Duration in milliseconds. */
  readonly ms: number;
}

const RESEND = 25;
/** Milliseconds that a platform waits for a response. */
const PATIENCE = 5_000;

type Requests<Request> = Iterable<Request> | AsyncIterable<Request>;

/**
 * Posts each request until it gets a 2xx, like a platform, and records the responses.
 *
 * @param requests are read when a request slot is free
 */
export async function sendLikeAPlatform<Request extends PlatformRequest>(
  requests: Requests<Request>,
  options: SendingOptions<Request>,
): Promise<SenderLedger> {
  const ledger = options.ledger ?? openSenderLedger();
  const next = shareIterator(requests);
  let count = 0;
  const work = async () => {
    for (let request = await next(); request; request = await next()) {
      await sendUntilAccepted(request, options, ledger);
      options.onAccepted?.(++count);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
  return ledger;
}

/** Returns a shared iterator that returns `undefined` at the end. */
function shareIterator<Request>(requests: Requests<Request>): () => Promise<Request | undefined> {
  const iterator =
    Symbol.asyncIterator in requests ? requests[Symbol.asyncIterator]() : requests[Symbol.iterator]();
  return async () => {
    const { done, value } = await iterator.next();
    return done ? undefined : value;
  };
}

async function sendUntilAccepted<Request extends PlatformRequest>(
  request: Request,
  { url, resend, onResponse, resendAfter = RESEND }: SendingOptions<Request>,
  ledger: SenderLedger,
): Promise<void> {
  for (let sent: PlatformRequest = request; ; sent = resend?.(request) ?? request) {
    const answer = { request, ...(await post(url(request), sent)) };
    const { status, deliveries } = answer;
    ledger.responses.set(status, (ledger.responses.get(status) ?? 0) + 1);
    const accepted = status >= 200 && status < 300;
    if (accepted) recordAccepted(ledger, request, deliveries);
    onResponse?.(answer);
    if (accepted) return;
    await pause(resendAfter);
  }
}

function recordAccepted(
  { accepted, deliveryIds }: SenderLedger,
  request: object,
  deliveries: readonly string[],
): void {
  const places = deliveryIds.get(request) ?? [];
  deliveryIds.set(request, places);
  deliveries.forEach((id, place) => {
    accepted.add(id);
    places[place] = (places[place] ?? new Set()).add(id);
  });
}

async function post(
  url: string,
  { headers, body }: PlatformRequest,
): Promise<Omit<PlatformResponse, 'request'>> {
  const sentAt = Date.now();
  const start = performance.now();
  const end = (status: number, { result, deliveries = [] }: AnswerBody) => ({
    status,
    ...(result === undefined ? {} : { result }),
    deliveries,
    sentAt,
    ms: performance.now() - start,
  });
  try {
    const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(PATIENCE) });
    return end(answer.status, (await answer.json()) as AnswerBody);
  } catch {
    return end(0, {});
  }
}

interface AnswerBody {
  readonly result?: string;
  readonly deliveries?: readonly string[];
}
