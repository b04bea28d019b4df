import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { REFRESH_MS, useGroups, useIsOperator, useOverview } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import type { Connection, Group, Overview } from '../../api/types.ts';
import { formatCount, formatDuration, formatPlural } from '../../model/format.ts';
import { REASON_LABELS } from '../../model/labels.ts';
import { ConnectionState, ErrorMessage, Loading, Stats, TimeAgo } from '../../ui/elements.tsx';
import { useUrlState } from '../../ui/hooks.ts';
import { Page } from '../../ui/page.tsx';
import { PauseButton, SendTestButton } from './connection-actions.tsx';

/** All connections with their state, usage and setup steps. `?open=` expands one. */
export function ConnectionsPage() {
  const { data, error } = useQuery({
    queryKey: ['connections'],
    queryFn: ({ signal }) => request<{ connections: Connection[] }>('/connections', { signal }),
    refetchInterval: REFRESH_MS,
  });
  const groups = useGroups();
  const overview = useOverview().data;
  const { params, update } = useUrlState();
  const open = params.get('open');
  return (
    <Page title="Connections">
      <ErrorMessage error={error} />
      {!data && !error && <Loading />}
      {data?.connections.length === 0 && <p>The connections file contains no connections.</p>}
      {data?.connections.map((connection) => (
        <ConnectionCard
          key={connection.id}
          connection={connection}
          traffic={overview?.connections.find(({ id }) => id === connection.id)}
          lastFailure={findLastFailure(groups.data ?? [], connection.id)}
          isOpen={connection.id === open}
          onToggle={(isOpen) => update({ open: isOpen ? connection.id : undefined }, { replace: true })}
        />
      ))}
    </Page>
  );
}

/** Returns the failure group of the latest dead letter of a connection. */
function findLastFailure(groups: readonly Group[], connection: string): Group | undefined {
  return groups
    .filter((group) => group.connection === connection)
    .reduce<Group | undefined>((last, group) => (last && last.last >= group.last ? last : group), undefined);
}

interface ConnectionCardProps {
  readonly connection: Connection;
  /** Undefined until the overview is loaded. */
  readonly traffic: Overview['connections'][number] | undefined;
  /** Failure group of the latest dead letter. */
  readonly lastFailure: Group | undefined;
  readonly isOpen: boolean;
  readonly onToggle: (isOpen: boolean) => void;
}

/** A connection with its state and usage; expanded also with its topics and setup steps. */
function ConnectionCard({ connection, traffic, lastFailure, isOpen, onToggle }: ConnectionCardProps) {
  const { id, source, hold, topics } = connection;
  const isOperator = useIsOperator();
  return (
    <section className="panel" aria-labelledby={`connection-${id}`}>
      <div className="row spread">
        <h2 id={`connection-${id}`}>
          {id}{' '}
          <span className="muted">
            {source ? `${source} → ${connection.botId}` : 'not in the connections file'}
          </span>{' '}
          <ConnectionState hold={hold} />
        </h2>
        <div className="row">
          {isOperator && connection.samples.length > 0 && <SendTestButton connection={connection} />}
          {isOperator && <PauseButton connection={connection} />}
        </div>
      </div>
      {hold && <HoldNotice hold={hold} />}
      {lastFailure && <LastFailure group={lastFailure} />}
      <ConnectionStats connection={connection} traffic={traffic} />
      {source && (
        <details open={isOpen} onToggle={(event) => onToggle(event.currentTarget.open)}>
          <summary>Setup and topics</summary>
          <div className="columns">
            <SetupSteps connection={connection} />
            <div>
              <h3>Enabled topics</h3>
              <ul>
                {topics.map(({ topic, event }) => (
                  <li key={`${topic} ${event}`}>
                    <code>{topic}</code> → <code>{event}</code>
                  </li>
                ))}
              </ul>
            </div>
          </div>
        </details>
      )}
    </section>
  );
}

function HoldNotice({ hold }: { readonly hold: NonNullable<Connection['hold']> }) {
  const { by, reason, since, probeAt, waiting } = hold;
  return (
    <p>
      {by === 'operator' ? 'Paused by an operator' : 'Circuit opened after rejections by Botpress'}{' '}
      <TimeAgo at={since} />: {reason}. {formatPlural(waiting, 'delivery waits', 'deliveries wait')}.
      {probeAt !== undefined && ` ${describeProbe(probeAt - Date.now())}`}
    </p>
  );
}

/** A probe is one of the waiting deliveries, or the next one that arrives. */
const describeProbe = (ms: number) =>
  ms > 0 ? `Next probe in ${formatDuration(ms)}.` : 'The next delivery is a probe.';

function ConnectionStats({ connection, traffic }: Pick<ConnectionCardProps, 'connection' | 'traffic'>) {
  const { eventsPerMinute } = connection;
  const usage =
    traffic && eventsPerMinute ? `${Math.round((100 * traffic.perMinute.events) / eventsPerMinute)}%` : '–';
  const stats = [
    ['Events / min', traffic ? formatCount(traffic.perMinute.events) : '–'],
    ['Limit / min', eventsPerMinute === null ? '–' : formatCount(eventsPerMinute)],
    ['Limit used', usage],
    ['Webhooks / min', traffic ? formatCount(traffic.perMinute.webhooks) : '–'],
    ['Waiting', traffic ? formatCount(traffic.pending) : '–'],
    ['Dead letters', traffic ? formatCount(traffic.dead) : '–'],
  ] as const;
  return <Stats stats={stats} />;
}

/** The latest failure of a connection. */
function LastFailure({ group }: { readonly group: Group }) {
  const { last, death, example } = group;
  return (
    <p>
      Last failure <TimeAgo at={last} />: {REASON_LABELS[death.reason]}, {death.message}{' '}
      <Link href={`/deliveries/${example}`}>View</Link>
    </p>
  );
}

/** The webhook URL and the steps on the platform. */
function SetupSteps({ connection: { webhookUrl, setUp } }: { readonly connection: Connection }) {
  return (
    <div>
      <h3>Setup on the platform</h3>
      {webhookUrl && (
        <p className="row">
          <code>{webhookUrl}</code> <CopyButton text={webhookUrl} label="Copy URL" />
        </p>
      )}
      <ol>
        {setUp.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </div>
  );
}

interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
}

/** Copies a text to the clipboard and shows the result. */
function CopyButton({ text, label }: CopyButtonProps) {
  const [status, setStatus] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setStatus('Copied');
    } catch {
      setStatus('Not copied: the browser blocks access to the clipboard. Copy the text manually.');
    }
  };
  return (
    <>
      <button type="button" onClick={() => void copy()}>
        {label}
      </button>
      <span role="status" className="muted">
        {status}
      </span>
    </>
  );
}
