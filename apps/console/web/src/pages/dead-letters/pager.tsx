import { useLocation, useSearch } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';
import { formatPlural } from '../../model/format.ts';

/** State in the browser history: the cursors of all previous pages. '' is the first page. */
interface PagerState {
  readonly previous?: readonly string[];
}

interface PagerProps {
  readonly next: string | undefined;
  readonly rows: number;
  readonly isBusy: boolean;
  readonly onRefresh: () => void;
}

/** Navigation between pages. The URL contains the cursor of the current page. */
export function Pager({ next, rows, isBusy, onRefresh }: PagerProps) {
  const [path, navigate] = useLocation();
  const params = new URLSearchParams(useSearch());
  const previous = useHistoryState<PagerState | null>()?.previous ?? [];
  const cursor = params.get('cursor') ?? '';
  const goTo = (target: string, before: readonly string[]) => {
    const next = new URLSearchParams(params);
    if (target) next.set('cursor', target);
    else next.delete('cursor');
    navigate(next.size > 0 ? `${path}?${next}` : path, { state: { previous: before } });
  };
  const isFirst = cursor === '';
  return (
    <nav className="row spread pager" aria-label="Pagination">
      <span className="muted">
        {isFirst ? 'First page' : previous.length > 0 ? `Page ${previous.length + 1}` : 'Later page'},{' '}
        {formatPlural(rows, 'dead letter')}
      </span>
      <div className="row">
        <button type="button" onClick={onRefresh} disabled={isBusy}>
          Refresh
        </button>
        {!isFirst && previous.length !== 1 && (
          <button type="button" onClick={() => goTo('', [])}>
            First
          </button>
        )}
        <button
          type="button"
          disabled={isFirst || previous.length === 0}
          onClick={() => goTo(previous.at(-1) ?? '', previous.slice(0, -1))}
        >
          Previous
        </button>
        <button
          type="button"
          disabled={next === undefined}
          onClick={() => next && goTo(next, [...previous, cursor])}
        >
          Next
        </button>
      </div>
    </nav>
  );
}
