import { Link } from 'wouter';
import type { Replay } from '../../api/answers.ts';
import { Ago } from '../../parts/ago.tsx';
import { describeFilter } from '../../view/filter.ts';
import { formatCount } from '../../view/format.ts';
import { settledOf } from '../../view/replay-progress.ts';
import { ReplayState } from './replay-state.tsx';

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
        <ReplayState state={state} />
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
