import { useState } from 'react';
import type { Group } from '../../api/answers.ts';
import { useGroups } from '../../api/use-groups.ts';
import { Loading } from '../../parts/loading.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { countOf } from '../../view/format.ts';
import type { View } from '../../view/use-view.ts';
import type { Acting } from './action-dialog.tsx';
import { GroupCard } from './group-card.tsx';

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
