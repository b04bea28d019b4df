import { useQuery } from '@tanstack/react-query';
import type { Overview } from '../../api/answers.ts';
import { ask } from '../../api/ask.ts';
import { LIVE } from '../../api/query-client.ts';

/** How all of it stands, looked at again and again while somebody looks. */
export function useOverview() {
  return useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => ask<Overview>('/overview', { signal }),
    refetchInterval: LIVE,
  });
}
