import { Loading } from '../../parts/loading.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { filterOf, filterParams } from '../../view/filter.ts';
import type { Acting } from './action-dialog.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { LetterGrid } from './letter-grid.tsx';
import { NoLetters } from './no-letters.tsx';
import { Pager } from './pager.tsx';
import { useLetters } from './use-letters.ts';
import { useSelection } from './use-selection.ts';

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
