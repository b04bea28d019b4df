import { useQuery } from '@tanstack/react-query';
import { planQuery, useIsOperator } from '../../api/queries.ts';
import type { Filter } from '../../model/filter.ts';
import { countOf } from '../../model/format.ts';
import type { Acting } from './action-dialog.tsx';
import type { Selection } from './use-selection.ts';

interface BulkBarProps {
  readonly selection: Selection;
  readonly rows: number;
  /** Whether the filter has more than this page. */
  readonly hasMore: boolean;
  /** That of the whole table. */
  readonly filter: Filter;
  readonly isDiscarded: boolean;
  readonly onAct: (acting: Acting) => void;
}

/** What is chosen, and what can be done with it. */
export function BulkBar({ selection, rows, hasMore, filter, isDiscarded, onAct }: BulkBarProps) {
  const { ids, isAll } = selection;
  const isOperator = useIsOperator();
  const isSome = isAll || ids.length > 0;
  const chosen = isAll ? filter : { id: ids };
  const button = (action: Acting['action'], name: string, className = '') => (
    <button
      type="button"
      className={className}
      disabled={!isSome}
      onClick={() => onAct({ action, filter: chosen })}
    >
      {name}
    </button>
  );
  return (
    <div className="row spread bulk-bar">
      <p className="row" role="status">
        <span>
          {isSome ? (
            <Chosen selection={selection} filter={filter} isDiscarded={isDiscarded} />
          ) : (
            'None chosen'
          )}
        </span>
        {!isAll && (hasMore || ids.length < rows) && (
          <button type="button" className="plain" onClick={selection.chooseAll}>
            Choose all that fit
          </button>
        )}
        {isSome && (
          <button type="button" className="plain" onClick={selection.clear}>
            Clear
          </button>
        )}
      </p>
      <div className="row">
        {isDiscarded ? (
          isOperator && button('restore', 'Restore', 'primary')
        ) : (
          <>
            {button('try', 'Try')}
            {isOperator && button('replay', 'Replay', 'primary')}
            {isOperator && button('discard', 'Discard', 'danger')}
          </>
        )}
      </div>
    </div>
  );
}

function Chosen({
  selection,
  filter,
  isDiscarded,
}: Pick<BulkBarProps, 'selection' | 'filter' | 'isDiscarded'>) {
  const { ids, isAll } = selection;
  const plan = useQuery({ ...planQuery(filter), enabled: isAll && !isDiscarded });
  if (!isAll) return <strong>{countOf(ids.length, 'of this page chosen', 'of this page chosen')}</strong>;
  return <strong>All that fit{plan.data ? `: ${countOf(plan.data.count, 'dead letter')}` : ''}</strong>;
}
