import { useInfiniteQuery } from '@tanstack/react-query';
import { request, toQueryString } from '../api/request.ts';
import type { AuditLogPage } from '../api/types.ts';
import { ErrorMessage, Loading, TimeAgo } from '../ui/elements.tsx';
import { Page } from '../ui/page.tsx';

/** Changes by operators, and circuits that Sluice opened, the newest first. */
export function AuditPage() {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['audit'],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      request<AuditLogPage>(`/audit${toQueryString({ cursor: pageParam })}`, { signal }),
    getNextPageParam: ({ next }) => next,
  });
  const entries = data?.pages.flatMap((page) => page.lines) ?? [];
  return (
    <Page title="Audit log">
      <ErrorMessage error={error} />
      {!data && !error && <Loading />}
      {data && entries.length === 0 && <p>No entries</p>}
      {entries.length > 0 && (
        <div className="panel scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">User</th>
                <th scope="col">Action</th>
                <th scope="col">Note</th>
                <th scope="col">Details</th>
              </tr>
            </thead>
            <tbody>
              {entries.map(({ id, at, who, by, action, reason, about }) => (
                <tr key={id}>
                  <td className="nowrap">
                    <TimeAgo at={at} />
                  </td>
                  <td className="nowrap">{who || 'Sluice'}</td>
                  <td className="nowrap">{ACTION_LABELS[`${by} ${action}`] ?? action}</td>
                  <td>{reason}</td>
                  <td>
                    <code>{formatDetails(about)}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hasNextPage && (
        <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older entries
        </button>
      )}
    </Page>
  );
}

/** Actions whose stored names differ from their labels, by author. */
const ACTION_LABELS: Readonly<Record<string, string>> = {
  'operator hold': 'pause',
  'operator release': 'resume',
  'refusals hold': 'circuit opened',
  'probe release': 'circuit closed',
};

function formatDetails(about: AuditLogPage['lines'][number]['about']): string {
  return Object.entries(about)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
