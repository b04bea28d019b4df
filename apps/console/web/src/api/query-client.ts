import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ME_KEY } from './queries.ts';
import { ApiProblem } from './request.ts';

/** Creates the cache of API responses. A 401 from any request shows the sign-in page. */
export function createQueryClient(): QueryClient {
  const onError = (error: unknown, key?: readonly unknown[]) => {
    if (error instanceof ApiProblem && error.status === 401 && key?.[0] !== ME_KEY[0]) {
      void client.invalidateQueries({ queryKey: ME_KEY });
    }
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: (error, query) => onError(error, query.queryKey) }),
    mutationCache: new MutationCache({ onError: (error) => onError(error) }),
    // Requests continue while the browser is offline: the console may run on the same machine.
    defaultOptions: {
      queries: {
        networkMode: 'always',
        retry: (count, error) => isRetryable(error) && count < 2,
        staleTime: 1_000,
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}

/** Rejected requests fail again; only missing responses and server errors are retried. */
function isRetryable(error: unknown): boolean {
  return error instanceof ApiProblem && (error.status === 0 || error.status >= 500);
}
