import { Link } from 'wouter';
import type { Overview } from '../../api/answers.ts';
import { Ago } from '../../parts/ago.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { formatCount, formatDuration, formatMoment } from '../../view/format.ts';

type Connection = Overview['connections'][number];

interface ConnectionsTableProps {
  readonly connections: readonly Connection[];
  /** When the console began to watch. */
  readonly since: number;
}

/** Each connection on a line. */
export function ConnectionsTable({ connections, since }: ConnectionsTableProps) {
  return (
    <section className="panel" aria-labelledby="connections">
      <h2 id="connections">Connections</h2>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Connection</th>
              <th scope="col">State</th>
              <th scope="col">Last hour</th>
              <th scope="col" className="number">
                Webhooks / min
              </th>
              <th scope="col" className="number">
                Events / min
              </th>
              <th scope="col" className="number">
                Lag
              </th>
              <th scope="col" className="number">
                Waiting
              </th>
              <th scope="col" className="number">
                Oldest
              </th>
              <th scope="col" className="number">
                Drained in
              </th>
              <th scope="col" className="number">
                Dead
              </th>
              <th scope="col">Last seen</th>
            </tr>
          </thead>
          <tbody>
            {connections.map((connection) => (
              <Row key={connection.id} connection={connection} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="quiet">
        Rates and “last seen” are what this console has seen itself, since {formatMoment(since)}.
      </p>
    </section>
  );
}

function Row({ connection }: { readonly connection: Connection }) {
  const {
    id,
    source,
    hold,
    history,
    perMinute,
    lagMs,
    pending,
    drainSeconds,
    dead,
    lastSeen,
    oldestWaiting,
  } = connection;
  return (
    <tr>
      <th scope="row">
        <Link href={`/connections?open=${id}`}>{id}</Link> <span className="quiet">{source}</span>
      </th>
      <td>{hold ? <Badge tone="bad">held</Badge> : <Badge tone="good">open</Badge>}</td>
      <td>{history.length > 1 && <Sparkline points={history} />}</td>
      <td className="number">{formatCount(perMinute.webhooks)}</td>
      <td className="number">{formatCount(perMinute.events)}</td>
      <td className="number">{lagMs === null ? '–' : formatDuration(lagMs)}</td>
      <td className="number">{formatCount(pending)}</td>
      <td className="number">{oldestWaiting === null ? '–' : formatDuration(Date.now() - oldestWaiting)}</td>
      <td className="number">{drainsIn(pending, drainSeconds)}</td>
      <td className="number">
        {dead > 0 ? <Link href={`/dead-letters?connection=${id}`}>{formatCount(dead)}</Link> : 0}
      </td>
      <td>{lastSeen === null ? <span className="quiet">not yet</span> : <Ago at={lastSeen} />}</td>
    </tr>
  );
}

function drainsIn(pending: number, seconds: number | null): string {
  if (pending === 0) return '–';
  return seconds === null ? 'not as things are' : formatDuration(seconds * 1_000);
}
