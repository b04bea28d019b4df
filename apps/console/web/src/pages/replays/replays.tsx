import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import { LIVE, useGroups, useIsOperator } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { Group, Replay } from '../../api/types.ts';
import { describeFilter, type Filter } from '../../model/filter.ts';
import { formatCount } from '../../model/format.ts';
import { REASONS } from '../../model/labels.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Ago, Badge, Loading, Trouble } from '../../ui/elements.tsx';
import { Page } from '../../ui/page.tsx';
import { ReplayDialog } from './replay-dialog.tsx';
import { REPLAY_TONES, settledOf } from './replay-progress.ts';

/** What was put back, and how that went. */
export function Replays() {
  const isOperator = useIsOperator();
  const [isChoosing, choose] = useState(false);
  const [filter, plan] = useState<Filter>();
  const replays = useQuery({
    queryKey: ['replays', 'list'],
    queryFn: ({ signal }) => ask<{ readonly replays: readonly Replay[] }>('/replays?limit=100', { signal }),
    refetchInterval: LIVE,
  });
  const aside = isOperator && (
    <button type="button" className="primary" onClick={() => choose(true)}>
      New replay …
    </button>
  );
  return (
    <Page title="Replays" aside={aside}>
      <section className="panel" aria-label="Replays, the newest first">
        {replays.isPending && <Loading />}
        <Trouble error={replays.error} />
        {replays.data && <ReplayTable replays={replays.data.replays} />}
      </section>
      {isChoosing && (
        <NewReplay
          onChosen={(chosen) => {
            choose(false);
            plan(chosen);
          }}
          onClose={() => choose(false)}
        />
      )}
      {filter && <ReplayDialog filter={filter} onClose={() => plan(undefined)} />}
    </Page>
  );
}

/** Replays on a line each, the newest first. */
export function ReplayTable({ replays }: { readonly replays: readonly Replay[] }) {
  if (replays.length === 0) {
    return (
      <p>
        Nothing was ever put back. What is dead, and could be, is listed under{' '}
        <Link href="/dead-letters">dead letters</Link>.
      </p>
    );
  }
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Replay</th>
            <th scope="col">State</th>
            <th scope="col">Begun</th>
            <th scope="col">Who, and why</th>
            <th scope="col">Which</th>
            <th scope="col">Progress</th>
            <th scope="col" className="number">
              Delivered
            </th>
            <th scope="col" className="number">
              Died again
            </th>
          </tr>
        </thead>
        <tbody>
          {replays.map((replay) => (
            <Row key={replay.id} replay={replay} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ replay }: { readonly replay: Replay }) {
  const { id, state, who, note, filter, createdAt, planned, delivered, died, why } = replay;
  const settled = settledOf(replay);
  return (
    <tr>
      <th scope="row">
        <Link href={`/replays/${id}`} className="mono">
          {id.slice(0, 'rpl_'.length + 8)}…
        </Link>
      </th>
      <td>
        <Badge tone={REPLAY_TONES[state]}>{state}</Badge>
      </td>
      <td className="nowrap">
        <Ago at={createdAt} />
      </td>
      <td>
        <strong>{who}</strong>: {note}
        {why && <div className="quiet">Paused: {why}</div>}
      </td>
      <td>{describeFilter(filter)}</td>
      <td className="progress-cell">
        <progress value={settled} max={Math.max(1, planned)} aria-label={`Progress of ${id}`} />
        <span className="quiet">
          {formatCount(settled)} of {formatCount(planned)}
        </span>
      </td>
      <td className="number">{formatCount(delivered)}</td>
      <td className="number">{formatCount(died)}</td>
    </tr>
  );
}

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
