import { useState } from 'react';
import { Link } from 'wouter';
import { useGroups, useIsOperator } from '../../api/queries.ts';
import type { Group } from '../../api/types.ts';
import { countOf, formatCount } from '../../model/format.ts';
import { FAULTS, REASONS } from '../../model/labels.ts';
import { Ago, Badge, Loading, Trouble } from '../../ui/elements.tsx';
import type { View } from '../../ui/hooks.ts';
import type { Acting } from './action-dialog.tsx';

/** Causes shown before somebody asks for all. */
const FIRST = 4;

interface GroupsProps {
  readonly view: View;
  readonly onAct: (acting: Acting) => void;
}

/** The causes that dead letters have in common, those of the most first. */
export function Groups({ view, onAct }: GroupsProps) {
  const groups = useGroups();
  const [isWhole, showWhole] = useState(false);
  const chosen = view.params.get('group');
  const all = groups.data ?? [];
  const shown = isWhole ? all : all.filter(({ group }, index) => index < FIRST || group === chosen);
  return (
    <section className="panel" aria-labelledby="groups">
      <h2 id="groups">
        {all.length > 0
          ? `${countOf(totalOf(all), 'dead letter')} of ${countOf(all.length, 'cause')}`
          : 'Causes'}
      </h2>
      {groups.isPending && <Loading />}
      <Trouble error={groups.error} />
      {groups.data?.length === 0 && (
        <p className="quiet">
          Nothing is dead: every delivery became an event, waits, or is being tried. What dies is told here,
          by its cause.
        </p>
      )}
      <ul className="group-list">
        {shown.map((group) => (
          <GroupCard
            key={group.group}
            group={group}
            isChosen={group.group === chosen}
            onChoose={() => view.change({ group: group.group === chosen ? undefined : group.group })}
            onAct={onAct}
          />
        ))}
      </ul>
      {all.length > shown.length && (
        <button type="button" className="plain" onClick={() => showWhole(true)}>
          Show all {countOf(all.length, 'cause')}
        </button>
      )}
    </section>
  );
}

const totalOf = (groups: readonly Group[]) => groups.reduce((sum, { count }) => sum + count, 0);

interface GroupCardProps {
  readonly group: Group;
  /** Whether the table shows those of this cause alone. */
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly onAct: (acting: Acting) => void;
}

/** One cause: how many, since when, whose fault it mostly is, and what to do. */
function GroupCard({ group: shown, isChosen, onChoose, onAct }: GroupCardProps) {
  const { group, count, first, last, connection, topic, example, death } = shown;
  const isOperator = useIsOperator();
  const filter = { group };
  const name = countOf(count, 'dead letter');
  return (
    <li className={isChosen ? 'group current' : 'group'}>
      <p className="group-count">
        <strong>{formatCount(count)}</strong>
      </p>
      <div className="group-cause">
        <p className="row">
          <Badge tone="bad">{REASONS[death.reason]}</Badge>
          <span>
            <strong>{connection ?? 'unknown connection'}</strong> {topic}
            {death.event && ` → ${death.event}`}
          </span>
        </p>
        <p className="cause">{death.message}</p>
        <p className="quiet">
          First <Ago at={first} />, last <Ago at={last} /> · mostly {FAULTS[death.faultOf]} fault ·{' '}
          <Link href={`/deliveries/${example}`}>the newest of them</Link>
        </p>
        <p>{death.remedy}</p>
      </div>
      <div className="group-actions">
        <button
          type="button"
          aria-pressed={isChosen}
          onClick={onChoose}
          aria-label={isChosen ? `Shown below: ${name}` : `Show these ${name}`}
        >
          {isChosen ? 'Shown below' : 'Show these'}
        </button>
        <button
          type="button"
          onClick={() => onAct({ action: 'try', filter })}
          aria-label={`Try the mappers on ${name}`}
        >
          Try
        </button>
        {isOperator && (
          <>
            <button
              type="button"
              className="primary"
              onClick={() => onAct({ action: 'replay', filter })}
              aria-label={`Replay ${name}`}
            >
              Replay
            </button>
            <button
              type="button"
              className="danger"
              onClick={() => onAct({ action: 'discard', filter })}
              aria-label={`Discard ${name}`}
            >
              Discard
            </button>
          </>
        )}
      </div>
    </li>
  );
}
