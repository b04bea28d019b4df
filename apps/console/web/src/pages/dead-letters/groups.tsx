import { useState } from 'react';
import { Link } from 'wouter';
import { useGroups, useIsOperator } from '../../api/queries.ts';
import type { Group } from '../../api/types.ts';
import { formatCount, formatPlural } from '../../model/format.ts';
import { FAULT_LABELS, REASON_LABELS } from '../../model/labels.ts';
import { Badge, ErrorMessage, Loading, TimeAgo } from '../../ui/elements.tsx';
import type { UrlState } from '../../ui/hooks.ts';
import type { PendingAction } from './action-dialog.tsx';

/** Number of groups shown initially. */
const INITIAL_GROUPS = 4;

interface GroupsProps {
  readonly url: UrlState;
  readonly onAction: (pending: PendingAction) => void;
}

/** The failure groups, the largest first. */
export function GroupsPanel({ url, onAction }: GroupsProps) {
  const groups = useGroups();
  const [isExpanded, setExpanded] = useState(false);
  const selected = url.params.get('group');
  const all = groups.data ?? [];
  const visible = isExpanded
    ? all
    : all.filter(({ group }, index) => index < INITIAL_GROUPS || group === selected);
  return (
    <section className="panel" aria-labelledby="groups">
      <h2 id="groups">
        {all.length > 0
          ? `${formatPlural(sumCounts(all), 'dead letter')} in ${formatPlural(all.length, 'failure group')}`
          : 'Failure groups'}
      </h2>
      {groups.isPending && <Loading />}
      <ErrorMessage error={groups.error} />
      {groups.data?.length === 0 && (
        <p className="muted">
          No dead letters. Deliveries that fail permanently appear here, grouped by cause.
        </p>
      )}
      <ul className="group-list">
        {visible.map((group) => (
          <GroupCard
            key={group.group}
            group={group}
            isSelected={group.group === selected}
            onSelect={() => url.update({ group: group.group === selected ? undefined : group.group })}
            onAction={onAction}
          />
        ))}
      </ul>
      {all.length > visible.length && (
        <button type="button" className="plain" onClick={() => setExpanded(true)}>
          Show all {formatPlural(all.length, 'failure group')}
        </button>
      )}
    </section>
  );
}

const sumCounts = (groups: readonly Group[]) => groups.reduce((sum, { count }) => sum + count, 0);

interface GroupCardProps {
  readonly group: Group;
  /** Whether the table is filtered by this group. */
  readonly isSelected: boolean;
  readonly onSelect: () => void;
  readonly onAction: (pending: PendingAction) => void;
}

/** One failure group: count, times, cause and remedy. */
function GroupCard({ group, isSelected, onSelect, onAction }: GroupCardProps) {
  const { count, first, last, connection, topic, example, death } = group;
  const isOperator = useIsOperator();
  const filter = { group: group.group };
  const size = formatPlural(count, 'dead letter');
  return (
    <li className={isSelected ? 'group current' : 'group'}>
      <p className="group-count">
        <strong>{formatCount(count)}</strong>
      </p>
      <div className="group-cause">
        <p className="row">
          <Badge tone="bad">{REASON_LABELS[death.reason]}</Badge>
          <span>
            <strong>{connection ?? 'unknown connection'}</strong> {topic}
            {death.event && ` → ${death.event}`}
          </span>
        </p>
        <p className="cause">{death.message}</p>
        <p className="muted">
          First <TimeAgo at={first} />, last <TimeAgo at={last} /> · usual cause:{' '}
          {FAULT_LABELS[death.faultOf]} · <Link href={`/deliveries/${example}`}>View latest</Link>
        </p>
        <p>{death.remedy}</p>
      </div>
      <div className="group-actions">
        <button
          type="button"
          aria-pressed={isSelected}
          onClick={onSelect}
          aria-label={isSelected ? `Show all dead letters instead of ${size}` : `Show ${size}`}
        >
          {isSelected ? 'Show all' : 'Show'}
        </button>
        <button
          type="button"
          onClick={() => onAction({ action: 'dry-run', filter })}
          aria-label={`Dry run of ${size}`}
        >
          Dry run
        </button>
        {isOperator && (
          <>
            <button
              type="button"
              className="primary"
              onClick={() => onAction({ action: 'replay', filter })}
              aria-label={`Replay ${size}`}
            >
              Replay
            </button>
            <button
              type="button"
              className="danger"
              onClick={() => onAction({ action: 'discard', filter })}
              aria-label={`Discard ${size}`}
            >
              Discard
            </button>
          </>
        )}
      </div>
    </li>
  );
}
