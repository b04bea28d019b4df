import type { Dispatcher } from 'undici';
import { expect, test, vi } from 'vitest';
import { type Answer, UndiciExchange } from './undici-exchange.ts';

function start(timeout: number) {
  let exchange!: UndiciExchange;
  const promise = new Promise<Answer>((resolve, reject) => {
    exchange = new UndiciExchange(timeout, { resolve, reject });
  });
  const abort = vi.fn();
  // As undici calls it, before it writes; it writes nothing of a request that is aborted there.
  const begin = () => exchange.onRequestStart({ abort } as unknown as Dispatcher.DispatchController);
  return { exchange, abort, begin, promise };
}

test('nothing is written of what was given up before its connection stood', async () => {
  const { abort, begin, promise } = start(1);
  await expect(promise).rejects.toMatchObject({ code: 'ECONNABORTED', hasBegun: false });
  expect(abort).not.toHaveBeenCalled();
  begin();
  expect(abort).toHaveBeenCalledOnce();
});

test('nothing is written twice, and what was written once is not called unsent', async () => {
  const { exchange, abort, begin, promise } = start(1_000);
  begin();
  expect(abort).not.toHaveBeenCalled();
  begin();
  expect(abort).toHaveBeenCalledOnce();
  exchange.onResponseError(undefined, new Error('begun before'));
  await expect(promise).rejects.toMatchObject({ hasBegun: true });
});
