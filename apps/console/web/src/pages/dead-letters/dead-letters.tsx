import './dead-letters.css';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { request } from '../../api/request.ts';
import type { DeadLetterPage } from '../../api/types.ts';
import { filterOf, filterParams } from '../../model/filter.ts';
import { ErrorMessage, Loading } from '../../ui/elements.tsx';
import { type UrlState, useUrlState } from '../../ui/hooks.ts';
import { Page } from '../../ui/page.tsx';
import { ActionDialog, type PendingAction } from './action-dialog.tsx';
import { DeadLetterGrid } from './dead-letter-grid.tsx';
import { FilterBar } from './filter-bar.tsx';
import { GroupsPanel } from './groups.tsx';
import { Pager } from './pager.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { useSelection } from './use-selection.ts';

/** Dead letters: failure groups first, then single dead letters. The URL contains filters and position. */
export function DeadLettersPage() {
  const url = useResetCursor(useUrlState());
  const [pending, setPending] = useState<PendingAction>();
  const [notice, setNotice] = useState('');
  const isDiscarded = url.params.get('among') === 'discarded';
  return (
    <Page title="Dead letters">
      {notice && (
        <p className="notice" role="status">
          {notice}
        </p>
      )}
      <GroupsPanel url={url} onAction={setPending} />
      <section className="panel" aria-labelledby="dead-letters">
        <h2 id="dead-letters">{isDiscarded ? 'Discarded dead letters' : 'Dead letter list'}</h2>
        <FilterBar url={url} />
        <DeadLetterTable params={url.params} onAction={setPending} />
      </section>
      {pending && <ActionDialog pending={pending} onDone={setNotice} onClose={() => setPending(undefined)} />}
    </Page>
  );
}

/** Returns to the first page whenever the filter or order changes. */
function useResetCursor({ params, update: change }: UrlState): UrlState {
  return { params, update: (changes, options) => change({ cursor: undefined, ...changes }, options) };
}

interface LetterTableProps {
  readonly params: URLSearchParams;
  readonly onAction: (pending: PendingAction) => void;
}

/** One page of dead letters with selection and bulk actions. */
export function DeadLetterTable({ params, onAction }: LetterTableProps) {
  const letters = useDeadLetters(params);
  const rows = letters.data?.letters ?? [];
  const selection = useSelection(
    rows.map(({ id }) => id),
    `${params.get('among')} ${filterParams(params)}`,
  );
  if (letters.isPending) return <Loading />;
  if (letters.isError) return <ErrorMessage error={letters.error} />;
  if (rows.length === 0) return <EmptyState params={params} />;
  return (
    <>
      <SelectionBar
        selection={selection}
        rows={rows.length}
        hasMore={letters.data.next !== undefined || params.has('cursor')}
        filter={filterOf(params)}
        isDiscarded={params.get('among') === 'discarded'}
        onAction={onAction}
      />
      <DeadLetterGrid letters={rows} selection={selection} isStale={letters.isPlaceholderData} />
      <Pager
        next={letters.data.next}
        rows={rows.length}
        isBusy={letters.isFetching}
        onRefresh={() => void letters.refetch()}
      />
    </>
  );
}

/** Explains why the table is empty and links to other places. */
export function EmptyState({ params }: { readonly params: URLSearchParams }) {
  const isDiscarded = params.get('among') === 'discarded';
  if (filterParams(params).size > 0) {
    return (
      <p>
        No {isDiscarded ? 'discarded dead letters' : 'dead letters'} match these filters. Replayed, restored
        and deleted ones are no longer listed.{' '}
        <Link href={isDiscarded ? '/dead-letters?among=discarded' : '/dead-letters'}>Remove the filters</Link>{' '}
        or search for a delivery by its id.
      </p>
    );
  }
  if (params.has('cursor')) {
    return (
      <p>
        This page is empty. <Link href="/dead-letters">Go to the first page</Link>
      </p>
    );
  }
  return isDiscarded ? (
    <p>No discarded dead letters. Discarded dead letters can be restored for one day.</p>
  ) : (
    <p>
      No dead letters. View <Link href="/dead-letters?among=discarded">discarded dead letters</Link> or{' '}
      <Link href="/replays">replays</Link>.
    </p>
  );
}

/** Number of rows per page. */
const PAGE_SIZE = 50;

/** Parameters of the list besides the filter. */
const LIST_PARAMS = ['among', 'order', 'cursor'] as const;

/** Returns the page of dead letters that the URL selects. */
export function useDeadLetters(params: URLSearchParams) {
  const query = filterParams(params);
  for (const name of LIST_PARAMS) {
    const value = params.get(name);
    if (value) query.set(name, value);
  }
  query.set('limit', String(PAGE_SIZE));
  const queryString = query.toString();
  return useQuery({
    queryKey: ['dead-letters', 'list', queryString],
    queryFn: ({ signal }) => request<DeadLetterPage>(`/dead-letters?${queryString}`, { signal }),
    placeholderData: keepPreviousData,
  });
}
