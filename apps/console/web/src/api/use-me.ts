import { useQuery } from '@tanstack/react-query';
import { ApiProblem } from './api-problem.ts';
import { ask } from './ask.ts';

export interface Me {
  readonly name: string;
  readonly role: 'viewer' | 'operator';
  /** `none`: there are no tokens, and everyone who reaches the console is operator. */
  readonly signIn: 'token' | 'none';
}

export const ME = ['me'] as const;

/** Who is signed in; null for nobody. */
export function useMe() {
  return useQuery({
    queryKey: ME,
    queryFn: async ({ signal }) => {
      try {
        return await ask<Me>('/me', { signal });
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

/** Whether whoever is signed in may change things. */
export function useIsOperator(): boolean {
  return useMe().data?.role === 'operator';
}
