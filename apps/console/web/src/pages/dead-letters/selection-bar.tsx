import { useQuery } from '@tanstack/react-query';
import { replayPlanQuery, useIsOperator } from '../../api/queries.ts';
import type { Filter } from '../../model/filter.ts';
import { formatPlural } from '../../model/format.ts';
import type { PendingAction } from './action-dialog.tsx';
import type { Selection } from './use-selection.ts';

interface BulkBarProps {
  readonly selection: Selection;
  /** Number of rows on this page. */
  readonly rows: number;
  /** Whether there are further pages. */
  readonly hasMore: boolean;
  /** The filter of the table. */
  readonly filter: Filter;
  readonly isDiscarded: boolean;
  readonly onAction: (pending: PendingAction) => void;
}

/** The selection and the bulk actions on it. */
export function SelectionBar({ selection, rows, hasMore, filter, isDiscarded, onAction }: BulkBarProps) {
  const { ids, isAllSelected: isAll } = selection;
  const isOperator = useIsOperator();
  const hasSelection = isAll || ids.length > 0;
  const selected = isAll ? filter : { id: ids };
  const button = (action: PendingAction['action'], label: string, className = '') => (
    <button
      type="button"
      className={className}
      disabled={!hasSelection}
      onClick={() => onAction({ action, filter: selected })}
    >
      {label}
    </button>
  );
  return (
    <div className="row spread selection-bar">
      <p className="row" role="status">
        <span>
          {hasSelection ? (
            <SelectionCount selection={selection} filter={filter} isDiscarded={isDiscarded} />
          ) : (
            'None selected'
          )}
        </span>
        {!isAll && (hasMore || ids.length < rows) && (
          <button type="button" className="plain" onClick={selection.selectAll}>
            Select all matches
          </button>
        )}
        {hasSelection && (
          <button type="button" className="plain" onClick={selection.clear}>
            Clear selection
          </button>
        )}
      </p>
      <div className="row">
        {isDiscarded ? (
          isOperator && button('restore', 'Restore', 'primary')
        ) : (
          <>
            {button('dry-run', 'Dry run')}
            {isOperator && button('replay', 'Replay', 'primary')}
            {isOperator && button('discard', 'Discard', 'danger')}
          </>
        )}
      </div>
    </div>
  );
}

function SelectionCount({
  selection,
  filter,
  isDiscarded,
}: Pick<BulkBarProps, 'selection' | 'filter' | 'isDiscarded'>) {
  const { ids, isAllSelected: isAll } = selection;
  const plan = useQuery({ ...replayPlanQuery(filter), enabled: isAll && !isDiscarded });
  if (!isAll) return <strong>{formatPlural(ids.length, 'selected', 'selected')}</strong>;
  return <strong>All matches{plan.data ? `: ${formatPlural(plan.data.count, 'dead letter')}` : ''}</strong>;
}
