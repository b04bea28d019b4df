import './dead-letters.css';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { ask } from '../../api/request.ts';
import type { DeadLetterPage } from '../../api/types.ts';
import { filterOf, filterParams } from '../../model/filter.ts';
import { Loading, Trouble } from '../../ui/elements.tsx';
import { useView, type View } from '../../ui/hooks.ts';
import { Page } from '../../ui/page.tsx';
import { type Acting, ActionDialog } from './action-dialog.tsx';
import { FilterBar } from './filter-bar.tsx';
import { Groups } from './groups.tsx';
import { LetterGrid } from './letter-grid.tsx';
import { Pager } from './pager.tsx';
import { BulkBar } from './selection-bar.tsx';
import { useSelection } from './use-selection.ts';

/** Dead letters: their causes first, then one by one. The address holds the whole view. */
export function DeadLetters() {
  const view = useFirstPage(useView());
  const [acting, act] = useState<Acting>();
  const [done, tell] = useState('');
  const isDiscarded = view.params.get('among') === 'discarded';
  return (
    <Page title="Dead letters">
      {done && (
        <p className="notice" role="status">
          {done}
        </p>
      )}
      <Groups view={view} onAct={act} />
      <section className="panel" aria-labelledby="letters">
        <h2 id="letters">{isDiscarded ? 'Discarded, one by one' : 'One by one'}</h2>
        <FilterBar view={view} />
        <LetterTable params={view.params} onAct={act} />
      </section>
      {acting && <ActionDialog acting={acting} onDone={tell} onClose={() => act(undefined)} />}
    </Page>
  );
}

/** Whatever is changed, what is shown begins at its first page. */
function useFirstPage({ params, change }: View): View {
  return { params, change: (changes, options) => change({ cursor: undefined, ...changes }, options) };
}

interface LetterTableProps {
  readonly params: URLSearchParams;
  readonly onAct: (acting: Acting) => void;
}

/** A page of dead letters, what is chosen of them, and what can be done with that. */
export function LetterTable({ params, onAct }: LetterTableProps) {
  const letters = useLetters(params);
  const rows = letters.data?.letters ?? [];
  const selection = useSelection(
    rows.map(({ id }) => id),
    `${params.get('among')} ${filterParams(params)}`,
  );
  if (letters.isPending) return <Loading />;
  if (letters.isError) return <Trouble error={letters.error} />;
  if (rows.length === 0) return <NoLetters params={params} />;
  return (
    <>
      <BulkBar
        selection={selection}
        rows={rows.length}
        hasMore={letters.data.next !== undefined || params.has('cursor')}
        filter={filterOf(params)}
        isDiscarded={params.get('among') === 'discarded'}
        onAct={onAct}
      />
      <LetterGrid letters={rows} selection={selection} isStale={letters.isPlaceholderData} />
      <Pager
        next={letters.data.next}
        rows={rows.length}
        isBusy={letters.isFetching}
        onRefresh={() => void letters.refetch()}
      />
    </>
  );
}

/** Says why there is nothing, and where there may be something. */
export function NoLetters({ params }: { readonly params: URLSearchParams }) {
  const isDiscarded = params.get('among') === 'discarded';
  if (filterParams(params).size > 0) {
    return (
      <p>
        No {isDiscarded ? 'discarded' : 'dead'} letter fits these filters. What was replayed, restored or
        deleted is here no more.{' '}
        <Link href={isDiscarded ? '/dead-letters?among=discarded' : '/dead-letters'}>Show all</Link>, or find
        a delivery by its id above.
      </p>
    );
  }
  if (params.has('cursor')) {
    return (
      <p>
        This page is empty by now. <Link href="/dead-letters">Back to the first</Link>
      </p>
    );
  }
  return isDiscarded ? (
    <p>Nothing was discarded within the last day. Whatever is can be restored from here for a day.</p>
  ) : (
    <p>
      There are no dead letters. <Link href="/dead-letters?among=discarded">Look among the discarded</Link>,
      or at the <Link href="/replays">replays</Link> that put some back.
    </p>
  );
}

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
