import type { FindResult, SendResult } from '@sluice/botpress';
import type { Tracing } from '@sluice/observability';

export interface CallTrace {
  /** There only if it is on. */
  readonly tracing: Tracing | undefined;
  /** The W3C traceparent of the attempt. */
  readonly parent: string | undefined;
}

/**
 * Makes a call of Botpress, in a span of its own. What is sent does not say so: Botpress documents no traceparent, and
 * the payload's `deliveryId` leads from an event to its trace.
 *
 * @param operation as the API calls it
 */
export async function traceCall<Result extends SendResult | FindResult>(
  { tracing, parent }: CallTrace,
  operation: string,
  call: () => Promise<Result>,
): Promise<Result> {
  const span = tracing?.start(operation, { kind: 'client', parent });
  const result = await call();
  if (!span) return result;
  span.set({ 'sluice.result': result.kind });
  if (result.kind === 'refused') {
    const { status, type } = result.refusal;
    span.set({ 'http.response.status_code': status, 'error.type': type });
    span.fail(`${status} ${type}`);
  }
  if ('why' in result) span.fail(result.why);
  span.end();
  return result;
}
