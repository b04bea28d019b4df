import { useId, useState } from 'react';
import { Link } from 'wouter';
import type { Group } from '../../api/answers.ts';
import { useGroups } from '../../api/use-groups.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import type { Filter } from '../../view/filter.ts';
import { formatCount } from '../../view/format.ts';
import { REASONS } from '../../view/reasons.ts';

interface NewReplayProps {
  readonly onChosen: (filter: Filter) => void;
  readonly onClose: () => void;
}

/** Asks which dead letters: all, of a connection, or of a cause. Finer ones are chosen where they are listed. */
export function NewReplay({ onChosen, onClose }: NewReplayProps) {
  const groups = useGroups();
  const [chosen, choose] = useState('all');
  const field = useId();
  const all = groups.data ?? [];
  return (
    <Dialog title="New replay" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onChosen(toFilter(chosen));
        }}
      >
        {groups.isPending && <Loading />}
        <Trouble error={groups.error} />
        <label htmlFor={field}>Which dead letters</label>
        <select id={field} className="whole" value={chosen} onChange={({ target }) => choose(target.value)}>
          <option value="all">All, {formatCount(sum(all))}</option>
          <optgroup label="Of a connection">
            {byConnection(all).map(([connection, count]) => (
              <option key={connection} value={`connection ${connection}`}>
                {connection}, {formatCount(count)}
              </option>
            ))}
          </optgroup>
          <optgroup label="Of a cause">
            {all.map(({ group, connection, topic, count, death }) => (
              <option key={group} value={`group ${group}`}>
                {connection} {topic}: {REASONS[death.reason]}, {formatCount(count)}
              </option>
            ))}
          </optgroup>
        </select>
        <p className="quiet">
          By anything else: <Link href="/dead-letters">filter the dead letters</Link>, choose all that fit,
          and replay them there.
        </p>
        <div className="row end">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={sum(all) === 0}>
            {sum(all) === 0 ? 'Nothing is dead' : 'Plan it'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function toFilter(chosen: string): Filter {
  const [kind = '', value = ''] = chosen.split(' ');
  return kind === 'all' ? {} : { [kind]: value };
}

const sum = (groups: readonly Group[]) => groups.reduce((total, { count }) => total + count, 0);

function byConnection(groups: readonly Group[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { connection, count } of groups) {
    if (connection !== null) counts.set(connection, (counts.get(connection) ?? 0) + count);
  }
  return [...counts].toSorted(([, one], [, other]) => other - one);
}
