import type { DeadLetterFilter } from '@sluice/queue';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiProblem, request } from './request.ts';
import type { Group, Overview, ReplayPlan } from './types.ts';

/** Milliseconds between two requests for live data. */
export const REFRESH_MS = 5_000;

/** The signed-in user. */
export interface Me {
  readonly name: string;
  readonly role: 'viewer' | 'operator';
  /** `none`: no tokens are configured, and every user is an operator. */
  readonly signIn: 'token' | 'none';
}

export const ME_KEY = ['me'] as const;

/** Returns the signed-in user, or `null` when the console requires a token. */
export function useMe() {
  return useQuery({
    queryKey: ME_KEY,
    queryFn: async ({ signal }) => {
      try {
        return await request<Me>('/me', { signal });
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

/** Returns whether the signed-in user may make changes. */
export function useIsOperator(): boolean {
  return useMe().data?.role === 'operator';
}

/** Returns a function that refetches dead letters and replay plans after a change. */
export function useInvalidateDeadLetters(): () => void {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ['dead-letters'] });
    void client.invalidateQueries({ queryKey: ['plan'] });
  };
}

/** Returns the failure groups of all dead letters, with live updates. */
export function useGroups() {
  return useQuery({
    queryKey: ['dead-letters', 'groups'],
    queryFn: ({ signal }) =>
      request<{ readonly groups: readonly Group[] }>('/dead-letters/groups', { signal }),
    select: ({ groups }) => groups,
    refetchInterval: REFRESH_MS,
  });
}

/** Returns the overview, with live updates. */
export function useOverview() {
  return useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => request<Overview>('/overview', { signal }),
    refetchInterval: REFRESH_MS,
  });
}

export interface RateLimit {
  /** Absent: no limit. */
  readonly perMinute?: number;
}

/** Query for the number of dead letters that match a filter and the estimated time of their replay. */
export function replayPlanQuery(filter: DeadLetterFilter, rate: RateLimit = {}) {
  return {
    queryKey: ['plan', filter, rate],
    queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
      request<ReplayPlan>('/replays/plan', { method: 'POST', body: { filter, ...rate }, signal }),
  };
}
