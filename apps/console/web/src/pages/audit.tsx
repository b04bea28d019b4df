import { useInfiniteQuery } from '@tanstack/react-query';
import { ask, queryOf } from '../api/request.ts';
import type { AuditPage } from '../api/types.ts';
import { Ago, Loading, Trouble } from '../ui/elements.tsx';
import { Page } from '../ui/page.tsx';

/** What operators did, and what Sluice held by itself, the newest first. */
export function Audit() {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['audit'],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => ask<AuditPage>(`/audit${queryOf({ cursor: pageParam })}`, { signal }),
    getNextPageParam: ({ next }) => next,
  });
  const lines = data?.pages.flatMap((page) => page.lines) ?? [];
  return (
    <Page title="Audit">
      <Trouble error={error} />
      {!data && !error && <Loading />}
      {data && lines.length === 0 && <p>Nobody has done anything yet.</p>}
      {lines.length > 0 && (
        <div className="panel scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col">Did</th>
                <th scope="col">Why</th>
                <th scope="col">About</th>
              </tr>
            </thead>
            <tbody>
              {lines.map(({ id, at, who, by, action, reason, about }) => (
                <tr key={id}>
                  <td>
                    <Ago at={at} />
                  </td>
                  <td>{who ?? by}</td>
                  <td>{action}</td>
                  <td>{reason}</td>
                  <td>
                    <code>{inWords(about)}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hasNextPage && (
        <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older ones
        </button>
      )}
    </Page>
  );
}

function inWords(about: AuditPage['lines'][number]['about']): string {
  return Object.entries(about)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
