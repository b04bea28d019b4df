import './delivery.css';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Delivery, Failure } from '../../api/types.ts';
import { formatCount, formatDuration, formatPlural, formatTime } from '../../model/format.ts';
import { FAULT_LABELS, REASON_LABELS } from '../../model/labels.ts';
import { Badge, ErrorMessage, IssueList, Loading, TimeAgo, type Tone } from '../../ui/elements.tsx';
import { Page } from '../../ui/page.tsx';
import { DeliveryActions } from './delivery-actions.tsx';
import { BodyPanel, EditsPanel, EventPanel } from './payload-panels.tsx';
import { buildTimeline, type TimelineEntry } from './timeline.ts';
import { useDelivery, useReveal } from './use-delivery.ts';

/** All data of one delivery, and its actions. */
export function DeliveryPage({ id }: { readonly id: string }) {
  const { data: delivery, error, isPending } = useDelivery(id);
  const reveal = useReveal(id);
  if (!delivery) {
    return (
      <Page title="Delivery">
        <p className="mono">{id}</p>
        {isPending ? <Loading /> : <ErrorMessage error={error} />}
      </Page>
    );
  }
  const shown = reveal.isShown && reveal.delivery ? reveal.delivery : delivery;
  return (
    <Page title={`Delivery ${id}`}>
      <ErrorMessage error={error} />
      <DeliveryActions delivery={delivery} reveal={reveal} />
      <SummaryPanel delivery={shown} />
      {delivery.death && <FailurePanel failure={delivery.death} />}
      <div className="columns">
        <BodyPanel delivery={shown} reveal={reveal} />
        <EventPanel delivery={delivery} />
      </div>
      <TimelinePanel delivery={delivery} />
      {shown.edits.length > 0 && <EditsPanel delivery={shown} />}
    </Page>
  );
}

const STATE_TONES: Readonly<Record<Delivery['state'], Tone>> = {
  waiting: 'neutral',
  active: 'neutral',
  delayed: 'warn',
  delivered: 'good',
  dead: 'bad',
  discarded: 'neutral',
};

/** State, origin and request of a delivery. */
function SummaryPanel({ delivery }: { readonly delivery: Delivery }) {
  const { state, connection, source, topic, receivedAt, occurredAt, attemptsMade, replay } = delivery;
  const { idempotencyKey, headers, unreadable } = delivery;
  const headerList = Object.entries(headers ?? {});
  return (
    <section className="panel" aria-label="Summary">
      <dl className="facts">
        <SummaryItem name="State">
          <Badge tone={STATE_TONES[state]}>{state}</Badge>
        </SummaryItem>
        <SummaryItem name="Connection">
          {connection ? <Link href={`/connections?open=${connection}`}>{connection}</Link> : 'unknown'}{' '}
          <span className="muted">{source}</span>
        </SummaryItem>
        <SummaryItem name="Topic">{topic}</SummaryItem>
        {receivedAt !== undefined && (
          <SummaryItem name="Received">
            <TimeAgo at={receivedAt} />
          </SummaryItem>
        )}
        {occurredAt !== undefined && (
          <SummaryItem name="Occurred (platform time)">
            <TimeAgo at={occurredAt} />
          </SummaryItem>
        )}
        <SummaryItem name="Attempts">{formatCount(attemptsMade)}</SummaryItem>
        {replay && (
          <SummaryItem name="Replayed by">
            {replay.startsWith('rpl_') ? <Link href={`/replays/${replay}`}>{replay}</Link> : 'a replay'}
          </SummaryItem>
        )}
      </dl>
      {unreadable && <p className="error-message">The stored data is unreadable: {unreadable}</p>}
      <details>
        <summary>
          Idempotency key{headerList.length > 0 && ` and ${formatPlural(headerList.length, 'header')}`}
        </summary>
        <dl className="headers">
          {idempotencyKey && <Header name="idempotency key" value={idempotencyKey} />}
          {headerList.map(([name, value]) => (
            <Header key={name} name={name} value={String(value)} />
          ))}
        </dl>
      </details>
    </section>
  );
}

function SummaryItem({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Header({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="mono">{value}</dd>
    </div>
  );
}

/** Why a delivery failed, and how to fix it. */
function FailurePanel({ failure }: { readonly failure: Failure }) {
  const { reason, faultOf, remedy, group, message, issues = [], status, type, errorId, eventId } = failure;
  const response = [
    status === undefined ? undefined : `status ${status}`,
    type,
    errorId === undefined ? undefined : `error ${errorId}`,
  ].filter((part) => part !== undefined);
  return (
    <section className="panel" aria-labelledby="failure">
      <h2 id="failure">Failure</h2>
      <p className="row">
        <Badge tone="bad">{REASON_LABELS[reason]}</Badge>
        <span className="muted">usual cause: {FAULT_LABELS[faultOf]}</span>
        {group && <Link href={`/dead-letters?group=${group}`}>View failure group</Link>}
      </p>
      <p className="cause">{message}</p>
      {response.length > 0 && <p className="muted">Response from Botpress: {response.join(', ')}</p>}
      {eventId && (
        <p className="muted">
          Event in Botpress: <span className="mono">{eventId}</span>
        </p>
      )}
      <IssueList issues={issues} />
      <p>
        <strong>What to do:</strong> {remedy}
      </p>
    </section>
  );
}

const ENTRY_TONES: Readonly<Record<TimelineEntry['kind'], Tone>> = {
  received: 'neutral',
  attempt: 'warn',
  edit: 'neutral',
  uncertain: 'warn',
  success: 'good',
  failure: 'bad',
  end: 'neutral',
  scheduled: 'warn',
};

/** The history of a delivery, the oldest entry first. */
function TimelinePanel({ delivery }: { readonly delivery: Delivery }) {
  return (
    <section className="panel" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <ol className="timeline">
        {buildTimeline(delivery).map(({ at, kind, title, text, pause, ms }) => (
          <li key={`${at} ${title}`}>
            {pause !== undefined && <p className="pause">{formatDuration(pause)} later</p>}
            <p className="row">
              <time dateTime={new Date(at).toISOString()} className="nowrap muted">
                {formatTime(at)}
              </time>
              <Badge tone={ENTRY_TONES[kind]}>{title}</Badge>
              <span>
                {text}
                {ms !== undefined && <span className="muted"> ({formatDuration(ms)})</span>}
              </span>
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
