import { Link } from 'wouter';
import type { Overview } from '../../api/types.ts';
import { formatCount, formatDuration, formatTime } from '../../model/format.ts';
import { ConnectionState, TimeAgo } from '../../ui/elements.tsx';

type Connection = Overview['connections'][number];

interface ConnectionsTableProps {
  readonly connections: readonly Connection[];
  /** Start of the observation by this console, in milliseconds since the epoch. */
  readonly since: number;
}

/** All connections with their state, traffic and backlog. */
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
                Drain time
              </th>
              <th scope="col" className="number">
                Dead
              </th>
              <th scope="col">Last webhook</th>
            </tr>
          </thead>
          <tbody>
            {connections.map((connection) => (
              <Row key={connection.id} connection={connection} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="muted">
        Rates and “last webhook” cover the time since this console started: {formatTime(since)}.
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
        <Link href={`/connections?open=${id}`}>{id}</Link> <span className="muted">{source}</span>
      </th>
      <td>
        <ConnectionState hold={hold} />
      </td>
      <td>{history.length > 1 && <Sparkline points={history} />}</td>
      <td className="number">{formatCount(perMinute.webhooks)}</td>
      <td className="number">{formatCount(perMinute.events)}</td>
      <td className="number">{lagMs === null ? '–' : formatDuration(lagMs)}</td>
      <td className="number">{formatCount(pending)}</td>
      <td className="number">{oldestWaiting === null ? '–' : formatDuration(Date.now() - oldestWaiting)}</td>
      <td className="number">{formatDrainTime(pending, drainSeconds)}</td>
      <td className="number">
        {dead > 0 ? <Link href={`/dead-letters?connection=${id}`}>{formatCount(dead)}</Link> : 0}
      </td>
      <td>{lastSeen === null ? <span className="muted">none</span> : <TimeAgo at={lastSeen} />}</td>
    </tr>
  );
}

function formatDrainTime(pending: number, seconds: number | null): string {
  if (pending === 0) return '–';
  return seconds === null ? 'not draining' : formatDuration(seconds * 1_000);
}

interface Point {
  readonly webhooks: number;
  readonly events: number;
}

const WIDTH = 120;
const HEIGHT = 28;

/** Webhooks (thin line) and events (thick line) per minute. */
function Sparkline({ points }: { readonly points: readonly Point[] }) {
  const peak = Math.max(1, ...points.flatMap(({ webhooks, events }) => [webhooks, events]));
  const line = (series: keyof Point) =>
    points
      .map((point, index) => {
        const x = points.length > 1 ? (index / (points.length - 1)) * WIDTH : WIDTH;
        return `${x.toFixed(1)},${(HEIGHT - 2 - (point[series] / peak) * (HEIGHT - 4)).toFixed(1)}`;
      })
      .join(' ');
  const description = `Peak of ${peak} per minute in the last ${points.length} minutes`;
  return (
    <svg className="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={description}>
      <title>{description}</title>
      <polyline className="webhooks" points={line('webhooks')} />
      <polyline className="events" points={line('events')} />
    </svg>
  );
}
