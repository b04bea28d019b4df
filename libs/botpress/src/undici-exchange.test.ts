import type { Dispatcher } from 'undici';
import { expect, test, vi } from 'vitest';
import { type HttpResponse, UndiciExchange } from './undici-exchange.ts';

function start(timeout: number) {
  let exchange!: UndiciExchange;
  const promise = new Promise<HttpResponse>((resolve, reject) => {
    exchange = new UndiciExchange(timeout, { resolve, reject });
  });
  const abort = vi.fn();
  // undici calls it before it writes, and writes nothing if the request is aborted there.
  const begin = () => exchange.onRequestStart({ abort } as unknown as Dispatcher.DispatchController);
  return { exchange, abort, begin, promise };
}

test('aborts a request that timed out before its connection was ready', async () => {
  const { abort, begin, promise } = start(1);
  await expect(promise).rejects.toMatchObject({ code: 'ECONNABORTED', requestStarted: false });
  expect(abort).not.toHaveBeenCalled();
  begin();
  expect(abort).toHaveBeenCalledOnce();
});

test('aborts a second start, and still reports the request as started', async () => {
  const { exchange, abort, begin, promise } = start(1_000);
  begin();
  expect(abort).not.toHaveBeenCalled();
  begin();
  expect(abort).toHaveBeenCalledOnce();
  exchange.onResponseError(undefined, new Error('already started'));
  await expect(promise).rejects.toMatchObject({ requestStarted: true });
});
