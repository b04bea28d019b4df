import { lazy, Suspense } from 'react';
import { Link } from 'wouter';
import { useOverview } from '../../api/queries.ts';
import type { Overview } from '../../api/types.ts';
import { formatBytes, formatCount, formatDuration } from '../../model/format.ts';
import { Badge, Figures, Loading, type Tone, Trouble } from '../../ui/elements.tsx';
import { Page } from '../../ui/page.tsx';
import { ConnectionsTable } from './connections-table.tsx';

/** The first view: what needs attention, how much comes and goes, and whether everything is accounted for. */
export function OverviewPage() {
  const { data, error } = useOverview();
  return (
    <Page title="Overview">
      <Trouble error={error} />
      {data ? (
        <>
          <Attention all={data.attention} />
          <Totals overview={data} />
          <ConnectionsTable connections={data.connections} since={data.since} />
          <Equation ledger={data.ledger} />
        </>
      ) : (
        !error && <Loading />
      )}
    </Page>
  );
}

type Severity = Overview['attention'][number]['severity'];

const SEVERITY: Readonly<Record<Severity, readonly [Tone, string]>> = {
  page: ['bad', 'now'],
  ticket: ['warn', 'soon'],
  note: ['quiet', 'note'],
};

/** What somebody should look at, the most urgent first. */
function Attention({ all }: { readonly all: Overview['attention'] }) {
  return (
    <section className="panel" aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      {all.length === 0 ? (
        <p>
          <Badge tone="good">all well</Badge> Nothing does.
        </p>
      ) : (
        <ul className="attention">
          {all.map(({ severity, connection, text, to }) => (
            <li key={`${connection ?? ''} ${text}`}>
              <Badge tone={SEVERITY[severity][0]}>{SEVERITY[severity][1]}</Badge>
              <span>
                {connection && <strong>{connection}: </strong>}
                {text} <Link href={to}>Look</Link>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

// The library that draws it is a third of the page's script, and nothing waits for it.
const TrafficChart = lazy(async () => ({ default: (await import('./traffic-chart.tsx')).TrafficChart }));

/** The whole pipeline in figures, and how much came and went. */
function Totals({ overview }: { readonly overview: Overview }) {
  const { queue, oldestWaiting, redis, hasWorkers, connections, at } = overview;
  const perMinute = (of: 'webhooks' | 'events') =>
    connections.reduce((sum, connection) => sum + connection.perMinute[of], 0);
  const figures = [
    ['Webhooks a minute', formatCount(perMinute('webhooks'))],
    ['Events a minute', formatCount(perMinute('events'))],
    ['Waiting', formatCount(queue.waiting + queue.delayed)],
    ['At work', formatCount(queue.active)],
    ['Oldest waiting', oldestWaiting === null ? 'none' : formatDuration(at - oldestWaiting)],
    ['Dead', formatCount(queue.dead)],
    ['Workers', hasWorkers === null ? 'not known' : hasWorkers ? 'connected' : 'none'],
    ['Redis', memoryOf(redis)],
  ] as const;
  return (
    <section className="panel" aria-labelledby="totals">
      <h2 id="totals">Now</h2>
      <Figures all={figures} />
      <Suspense fallback={null}>
        <TrafficChart connections={connections} />
      </Suspense>
    </section>
  );
}

function memoryOf({ used, limit }: Overview['redis']): string {
  return limit > 0 ? `${Math.round((100 * used) / limit)} % of ${formatBytes(limit)}` : formatBytes(used);
}

/** What everything accepted came to, in the order of the ledger’s equation. */
const PARTS = ['delivered', 'recorded', 'erased', 'discarded', 'expired', 'dead', 'pending'] as const;

/** The ledger’s equation: whatever was accepted is somewhere. */
function Equation({ ledger: { holds, total } }: { readonly ledger: Overview['ledger'] }) {
  const of = (name: string) => Number(total[name] ?? 0);
  return (
    <section className="panel" aria-labelledby="ledger">
      <h2 id="ledger">
        Ledger {holds ? <Badge tone="good">balances</Badge> : <Badge tone="bad">does not balance</Badge>}
      </h2>
      <p className="equation">
        <strong>{formatCount(of('accepted'))}</strong> accepted ={' '}
        {PARTS.filter((part) => of(part) > 0 || part === 'delivered').map((part, index) => (
          <span key={part}>
            {index > 0 && ' + '}
            <strong>{formatCount(of(part))}</strong> {part}
          </span>
        ))}
      </p>
      <p className="quiet">
        Besides: {formatCount(of('duplicates'))} sent again, {formatCount(of('ignored'))} that nobody asked
        for, {formatCount(of('replayed'))} replayed, {formatCount(of('reconciled'))} found at Botpress after
        an answer was lost.
      </p>
    </section>
  );
}
