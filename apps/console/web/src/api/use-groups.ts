import { useQuery } from '@tanstack/react-query';
import type { Group } from './answers.ts';
import { ask } from './ask.ts';
import { LIVE } from './query-client.ts';

/** The causes that dead letters have in common. */
export function useGroups() {
  return useQuery({
    queryKey: ['dead-letters', 'groups'],
    queryFn: ({ signal }) => ask<{ readonly groups: readonly Group[] }>('/dead-letters/groups', { signal }),
    select: ({ groups }) => groups,
    refetchInterval: LIVE,
  });
}
