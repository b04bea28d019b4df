import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ME } from './queries.ts';
import { ApiProblem } from './request.ts';

/** Makes the page's memory of what the console answered. Whoever is signed out is asked for a token, wherever they are. */
export function createQueryClient(): QueryClient {
  const onError = (error: unknown, key?: readonly unknown[]) => {
    if (error instanceof ApiProblem && error.status === 401 && key?.[0] !== ME[0]) {
      void client.invalidateQueries({ queryKey: ME });
    }
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: (error, query) => onError(error, query.queryKey) }),
    mutationCache: new MutationCache({ onError: (error) => onError(error) }),
    // Also while the browser is offline: the console may be on the same machine.
    defaultOptions: {
      queries: {
        networkMode: 'always',
        retry: (count, error) => isWorthATry(error) && count < 2,
        staleTime: 1_000,
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}

/** What the console refused it refuses again; what did not answer may. */
function isWorthATry(error: unknown): boolean {
  return error instanceof ApiProblem && (error.status === 0 || error.status >= 500);
}
