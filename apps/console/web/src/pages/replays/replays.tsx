import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import { REFRESH_MS, useGroups, useIsOperator } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import type { Group, Replay } from '../../api/types.ts';
import { describeFilter, type Filter } from '../../model/filter.ts';
import { formatCount } from '../../model/format.ts';
import { REASON_LABELS } from '../../model/labels.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Badge, ErrorMessage, Loading, TimeAgo } from '../../ui/elements.tsx';
import { Page } from '../../ui/page.tsx';
import { ReplayDialog } from './replay-dialog.tsx';
import { finishedCount, REPLAY_TONES } from './replay-progress.ts';

/** All replays, and the start of a new one. */
export function ReplaysPage() {
  const isOperator = useIsOperator();
  const [isSelecting, setSelecting] = useState(false);
  const [filter, setFilter] = useState<Filter>();
  const replays = useQuery({
    queryKey: ['replays', 'list'],
    queryFn: ({ signal }) =>
      request<{ readonly replays: readonly Replay[] }>('/replays?limit=100', { signal }),
    refetchInterval: REFRESH_MS,
  });
  const aside = isOperator && (
    <button type="button" className="primary" onClick={() => setSelecting(true)}>
      New replay
    </button>
  );
  return (
    <Page title="Replays" aside={aside}>
      <section className="panel" aria-label="Replays">
        {replays.isPending && <Loading />}
        <ErrorMessage error={replays.error} />
        {replays.data && <ReplayTable replays={replays.data.replays} />}
      </section>
      {isSelecting && (
        <NewReplayDialog
          onSelect={(selected) => {
            setSelecting(false);
            setFilter(selected);
          }}
          onClose={() => setSelecting(false)}
        />
      )}
      {filter && <ReplayDialog filter={filter} onClose={() => setFilter(undefined)} />}
    </Page>
  );
}

/** Replays, the newest first. */
function ReplayTable({ replays }: { readonly replays: readonly Replay[] }) {
  if (replays.length === 0) {
    return (
      <p>
        No replays. Select dead letters to replay on the page <Link href="/dead-letters">Dead letters</Link>.
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
            <th scope="col">Started</th>
            <th scope="col">User and note</th>
            <th scope="col">Selection</th>
            <th scope="col">Progress</th>
            <th scope="col" className="number">
              Delivered
            </th>
            <th scope="col" className="number">
              Failed again
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
  const finished = finishedCount(replay);
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
        <TimeAgo at={createdAt} />
      </td>
      <td>
        <strong>{who}</strong>: {note}
        {why && <div className="muted">Paused: {why}</div>}
      </td>
      <td>{describeFilter(filter)}</td>
      <td className="progress-cell">
        <progress value={finished} max={Math.max(1, planned)} aria-label={`Progress of ${id}`} />
        <span className="muted">
          {formatCount(finished)} of {formatCount(planned)}
        </span>
      </td>
      <td className="number">{formatCount(delivered)}</td>
      <td className="number">{formatCount(died)}</td>
    </tr>
  );
}

interface NewReplayDialogProps {
  readonly onSelect: (filter: Filter) => void;
  readonly onClose: () => void;
}

/** Selects all dead letters, those of a connection or a failure group. The page Dead letters has all filters. */
function NewReplayDialog({ onSelect, onClose }: NewReplayDialogProps) {
  const groups = useGroups();
  const [selection, setSelection] = useState('all');
  const field = useId();
  const all = groups.data ?? [];
  return (
    <Dialog title="New replay" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSelect(toFilter(selection));
        }}
      >
        {groups.isPending && <Loading />}
        <ErrorMessage error={groups.error} />
        <label htmlFor={field}>Dead letters</label>
        <select
          id={field}
          className="full-width"
          value={selection}
          onChange={({ target }) => setSelection(target.value)}
        >
          <option value="all">All ({formatCount(sum(all))})</option>
          <optgroup label="Connection">
            {byConnection(all).map(([connection, count]) => (
              <option key={connection} value={`connection ${connection}`}>
                {connection} ({formatCount(count)})
              </option>
            ))}
          </optgroup>
          <optgroup label="Failure group">
            {all.map(({ group, connection, topic, count, death }) => (
              <option key={group} value={`group ${group}`}>
                {connection} {topic}: {REASON_LABELS[death.reason]} ({formatCount(count)})
              </option>
            ))}
          </optgroup>
        </select>
        <p className="muted">
          For other selections, filter and replay on the page <Link href="/dead-letters">Dead letters</Link>.
        </p>
        <div className="row end">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={sum(all) === 0}>
            {sum(all) === 0 ? 'No dead letters' : 'Continue'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function toFilter(selection: string): Filter {
  const [kind = '', value = ''] = selection.split(' ');
  return kind === 'all' ? {} : { [kind]: value };
}

const sum = (groups: readonly Group[]) => groups.reduce((total, { count }) => total + count, 0);

function byConnection(groups: readonly Group[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { connection, count } of groups) {
    if (connection !== null) counts.set(connection, (counts.get(connection) ?? 0) + count);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a);
}
