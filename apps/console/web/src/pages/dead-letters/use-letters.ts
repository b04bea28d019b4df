import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import type { DeadLetterPage } from '../../api/answers.ts';
import { ask } from '../../api/ask.ts';
import { filterParams } from '../../view/filter.ts';

/** Rows of a page. More are never fetched, however many dead letters there are. */
const PAGE_SIZE = 50;

/** Parameters of the list that are no filter. */
const LIST_PARAMS = ['among', 'order', 'cursor'] as const;

/** The page of dead letters that an address asks for. */
export function useLetters(params: URLSearchParams) {
  const query = filterParams(params);
  for (const name of LIST_PARAMS) {
    const value = params.get(name);
    if (value) query.set(name, value);
  }
  query.set('limit', String(PAGE_SIZE));
  const text = query.toString();
  return useQuery({
    queryKey: ['dead-letters', 'list', text],
    queryFn: ({ signal }) => ask<DeadLetterPage>(`/dead-letters?${text}`, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** Forgets what was known of dead letters, after they were changed. */
export function useForgetLetters(): () => void {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ['dead-letters'] });
    void client.invalidateQueries({ queryKey: ['plan'] });
  };
}
