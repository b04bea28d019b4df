import { lazy, Suspense } from 'react';
import { Link } from 'wouter';
import { useOverview } from '../../api/queries.ts';
import type { Overview } from '../../api/types.ts';
import { formatBytes, formatCount, formatDuration, formatPlural } from '../../model/format.ts';
import { Badge, ErrorMessage, Loading, Stats, type Tone } from '../../ui/elements.tsx';
import { Page } from '../../ui/page.tsx';
import { ConnectionsTable } from './connections-table.tsx';

/** The start page: alerts, current traffic, connections and the ledger. */
export function OverviewPage() {
  const { data, error } = useOverview();
  return (
    <Page title="Overview">
      <ErrorMessage error={error} />
      {data ? (
        <>
          <AlertsPanel alerts={data.attention} />
          <TotalsPanel overview={data} />
          <ConnectionsTable connections={data.connections} since={data.since} />
          <LedgerPanel ledger={data.ledger} />
        </>
      ) : (
        !error && <Loading />
      )}
    </Page>
  );
}

type Severity = Overview['attention'][number]['severity'];

const SEVERITY_BADGES: Readonly<Record<Severity, readonly [Tone, string]>> = {
  page: ['bad', 'critical'],
  ticket: ['warn', 'warning'],
  note: ['neutral', 'info'],
};

/** Conditions that need attention, the most urgent first. */
function AlertsPanel({ alerts }: { readonly alerts: Overview['attention'] }) {
  return (
    <section className="panel" aria-labelledby="alerts">
      <h2 id="alerts">Alerts</h2>
      {alerts.length === 0 ? (
        <p>
          <Badge tone="good">OK</Badge> No issues
        </p>
      ) : (
        <ul className="alerts">
          {alerts.map(({ severity, connection, text, to }) => (
            <li key={`${connection ?? ''} ${text}`}>
              <Badge tone={SEVERITY_BADGES[severity][0]}>{SEVERITY_BADGES[severity][1]}</Badge>
              <span>
                {connection && <strong>{connection}: </strong>}
                {text} <Link href={to}>View</Link>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

// The chart library is a third of the script of the page. Loading it separately shows the page earlier.
const TrafficChart = lazy(async () => ({ default: (await import('./traffic-chart.tsx')).TrafficChart }));

/** Current numbers of the whole pipeline, and the traffic of the last hour. */
function TotalsPanel({ overview }: { readonly overview: Overview }) {
  const { queue, oldestWaiting, redis, hasWorkers, connections, at } = overview;
  const perMinute = (name: 'webhooks' | 'events') =>
    connections.reduce((sum, connection) => sum + connection.perMinute[name], 0);
  const stats = [
    ['Webhooks / min', formatCount(perMinute('webhooks'))],
    ['Events / min', formatCount(perMinute('events'))],
    ['Waiting', formatCount(queue.waiting + queue.delayed)],
    ['Active', formatCount(queue.active)],
    ['Oldest waiting', oldestWaiting === null ? '–' : formatDuration(at - oldestWaiting)],
    ['Dead letters', formatCount(queue.dead)],
    ['Workers', hasWorkers === null ? 'unknown' : hasWorkers ? 'connected' : 'none'],
    ['Redis', formatMemory(redis)],
  ] as const;
  return (
    <section className="panel" aria-labelledby="totals">
      <h2 id="totals">Current load</h2>
      <Stats stats={stats} />
      <Suspense fallback={null}>
        <TrafficChart connections={connections} />
      </Suspense>
    </section>
  );
}

function formatMemory({ used, limit }: Overview['redis']): string {
  return limit > 0 ? `${Math.round((100 * used) / limit)}% of ${formatBytes(limit)}` : formatBytes(used);
}

/** The right side of the ledger equation, in its order. */
const OUTCOMES = ['delivered', 'recorded', 'erased', 'discarded', 'expired', 'dead', 'pending'] as const;

/** What is known of the events of delivered deliveries in the bot. */
const STATUSES = ['processed', 'awaiting', 'unknown'] as const;

/** The ledger equation: every accepted delivery has an outcome or is pending. */
function LedgerPanel({ ledger: { holds, total } }: { readonly ledger: Overview['ledger'] }) {
  const countOf = (name: string) => Number(total[name] ?? 0);
  const hasStatuses = countOf('processed') + countOf('awaiting') > 0;
  return (
    <section className="panel" aria-labelledby="ledger">
      <h2 id="ledger">
        Ledger {holds ? <Badge tone="good">balanced</Badge> : <Badge tone="bad">not balanced</Badge>}
      </h2>
      <p className="equation">
        <strong>{formatCount(countOf('accepted'))}</strong> accepted ={' '}
        {OUTCOMES.filter((name) => countOf(name) > 0 || name === 'delivered').map((name, index) => (
          <span key={name}>
            {index > 0 && ' + '}
            <strong>{formatCount(countOf(name))}</strong> {name}
          </span>
        ))}
      </p>
      {hasStatuses && (
        <p className="equation">
          <strong>{formatCount(countOf('delivered'))}</strong> delivered ={' '}
          {STATUSES.map((name, index) => (
            <span key={name}>
              {index > 0 && ' + '}
              <strong>{formatCount(countOf(name))}</strong> {name}
            </span>
          ))}
        </p>
      )}
      <p className="muted">
        Not in the equation: {formatPlural(countOf('duplicates'), 'duplicate')},{' '}
        {formatCount(countOf('ignored'))} ignored, {formatCount(countOf('replayed'))} replayed,{' '}
        {formatCount(countOf('reconciled'))} reconciled, {formatCount(countOf('botFailed'))} failed in the
        bot, {formatCount(countOf('botIgnored'))} ignored by the bot,{' '}
        {formatPlural(countOf('resent'), 'second event')}.
      </p>
    </section>
  );
}
