import { setTimeout as pause } from 'node:timers/promises';
import { openSenderLedger, type SenderLedger } from './ledger.ts';

export interface PlatformRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SendingOptions<Request extends PlatformRequest = PlatformRequest> {
  /** Where to post to; asked anew for each try, for ingest may have moved. */
  readonly url: (request: Request) => string;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Milliseconds between two tries; 25 unless given. Platforms wait longer; what matters is that they come back. */
  readonly resendAfter?: number;
  /** The request as it is sent resend; the same, as any platform would, unless given. */
  readonly resend?: (request: Request) => PlatformRequest;
  /** Told after each 2xx, with how many there were. */
  readonly onAccepted?: (count: number) => void;
  /** Told of every try. */
  readonly onResponse?: (answer: PlatformResponse) => void;
  /** Written on, instead of a new one. */
  readonly ledger?: SenderLedger;
}

/** What one try came to. */
export interface PlatformResponse {
  /** What was to be sent; the same object for all tries. */
  readonly request: PlatformRequest;
  /** 0: no answer at all. */
  readonly status: number;
  /** What ingest says of a 2xx: accepted, duplicate … */
  readonly result?: string;
  readonly deliveries: readonly string[];
  /** When it was sent, in milliseconds since the epoch. */
  readonly sentAt: number;
  /** Milliseconds that it took. */
  readonly ms: number;
}

const RESEND = 25;
/** Milliseconds that a platform waits for its answer. */
const PATIENCE = 5_000;

type Requests<Request> = Iterable<Request> | AsyncIterable<Request>;

/**
 * Posts each request until it gets a 2xx, as platforms do, and writes down what it was deliveryIds.
 *
 * @param requests may come over time; they are taken as there is room for them
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

/** One iterator for all that take from it; undefined at its end. */
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
