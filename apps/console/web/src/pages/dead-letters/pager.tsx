import { useLocation, useSearch } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';
import { countOf } from '../../model/format.ts';

/** What the browser's history keeps of a page of the table: the cursors of those before it. '' is the first page's. */
interface Before {
  readonly before?: readonly string[];
}

interface PagerProps {
  readonly next: string | undefined;
  readonly rows: number;
  readonly isBusy: boolean;
  readonly onRefresh: () => void;
}

/** Goes to the next page and back. The address has the page's own cursor, so that it can be sent to somebody. */
export function Pager({ next, rows, isBusy, onRefresh }: PagerProps) {
  const [path, go] = useLocation();
  const params = new URLSearchParams(useSearch());
  const kept = useHistoryState<Before | null>()?.before ?? [];
  const cursor = params.get('cursor') ?? '';
  const turn = (to: string, before: readonly string[]) => {
    const there = new URLSearchParams(params);
    if (to) there.set('cursor', to);
    else there.delete('cursor');
    go(there.size > 0 ? `${path}?${there}` : path, { state: { before } });
  };
  const isFirst = cursor === '';
  return (
    <nav className="row spread pager" aria-label="Pages of the table">
      <span className="quiet">
        {isFirst ? 'First page' : kept.length > 0 ? `Page ${kept.length + 1}` : 'A later page'},{' '}
        {countOf(rows, 'dead letter')}
      </span>
      <div className="row">
        <button type="button" onClick={onRefresh} disabled={isBusy}>
          Refresh
        </button>
        {!isFirst && kept.length !== 1 && (
          <button type="button" onClick={() => turn('', [])}>
            First
          </button>
        )}
        <button
          type="button"
          disabled={isFirst || kept.length === 0}
          onClick={() => turn(kept.at(-1) ?? '', kept.slice(0, -1))}
        >
          Previous
        </button>
        <button
          type="button"
          disabled={next === undefined}
          onClick={() => next && turn(next, [...kept, cursor])}
        >
          Next
        </button>
      </div>
    </nav>
  );
}
