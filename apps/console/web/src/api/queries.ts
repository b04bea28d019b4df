import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Filter } from '../model/filter.ts';
import { ApiProblem, ask } from './request.ts';
import type { Group, Overview, ReplayPlan } from './types.ts';

/** Milliseconds between two looks at what moves by itself. */
export const LIVE = 5_000;

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

/** Forgets what was known of dead letters, after they were changed. */
export function useForgetLetters(): () => void {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ['dead-letters'] });
    void client.invalidateQueries({ queryKey: ['plan'] });
  };
}

/** The causes that dead letters have in common. */
export function useGroups() {
  return useQuery({
    queryKey: ['dead-letters', 'groups'],
    queryFn: ({ signal }) => ask<{ readonly groups: readonly Group[] }>('/dead-letters/groups', { signal }),
    select: ({ groups }) => groups,
    refetchInterval: LIVE,
  });
}

/** How all of it stands, looked at again and again while somebody looks. */
export function useOverview() {
  return useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => ask<Overview>('/overview', { signal }),
    refetchInterval: LIVE,
  });
}

/** How many a minute at most; empty: as many as there are. */
export interface Rate {
  readonly perMinute?: number;
}

/** Asks which dead letters fit, and how long it takes to put them back. */
export function planQuery(filter: Filter, rate: Rate = {}) {
  return {
    queryKey: ['plan', filter, rate],
    queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
      ask<ReplayPlan>('/replays/plan', { method: 'POST', body: { filter, ...rate }, signal }),
  };
}
