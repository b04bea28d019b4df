import './delivery.css';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Death, Delivery } from '../../api/types.ts';
import { formatCount, formatDuration, formatMoment } from '../../model/format.ts';
import { FAULTS, REASONS } from '../../model/labels.ts';
import { Ago, Badge, Issues, Loading, type Tone, Trouble } from '../../ui/elements.tsx';
import { Page } from '../../ui/page.tsx';
import { DeliveryActions } from './delivery-actions.tsx';
import { BodyPanel, Edits, EventPanel } from './payload-panels.tsx';
import { type Moment, timelineOf } from './timeline.ts';
import { useDelivery, useRevealing } from './use-delivery.ts';

/** All that is known of one delivery, and what can be done with it. */
export function DeliveryPage({ id }: { readonly id: string }) {
  const masked = useDelivery(id);
  const revealing = useRevealing(id);
  const delivery = masked.data;
  if (!delivery) {
    return (
      <Page title="Delivery">
        <p className="mono">{id}</p>
        {masked.isPending ? <Loading /> : <Trouble error={masked.error} />}
      </Page>
    );
  }
  const shown = revealing.isShown && revealing.delivery ? revealing.delivery : delivery;
  return (
    <Page title={`Delivery ${id}`}>
      <Trouble error={masked.error} />
      <DeliveryActions delivery={delivery} revealing={revealing} />
      <Facts delivery={shown} />
      {delivery.death && <DeathPanel death={delivery.death} />}
      <div className="columns">
        <BodyPanel delivery={shown} revealing={revealing} />
        <EventPanel delivery={delivery} />
      </div>
      <Timeline delivery={delivery} />
      {shown.edits.length > 0 && <Edits delivery={shown} />}
    </Page>
  );
}

const STATE_TONES: Readonly<Record<Delivery['state'], Tone>> = {
  waiting: 'quiet',
  active: 'quiet',
  delayed: 'warn',
  delivered: 'good',
  dead: 'bad',
  discarded: 'quiet',
};

/** Where a delivery is, where it came from, and what was kept of its request. */
export function Facts({ delivery }: { readonly delivery: Delivery }) {
  const { state, connection, source, topic, receivedAt, occurredAt, attemptsMade, replay } = delivery;
  const { idempotencyKey, headers, unreadable } = delivery;
  const kept = Object.entries(headers ?? {});
  return (
    <section className="panel" aria-label="Facts">
      <dl className="facts">
        <Fact name="State">
          <Badge tone={STATE_TONES[state]}>{state}</Badge>
        </Fact>
        <Fact name="Connection">
          {connection ? <Link href={`/connections?open=${connection}`}>{connection}</Link> : 'not known'}{' '}
          <span className="quiet">{source}</span>
        </Fact>
        <Fact name="Topic">{topic}</Fact>
        {receivedAt !== undefined && (
          <Fact name="Received">
            <Ago at={receivedAt} />
          </Fact>
        )}
        {occurredAt !== undefined && (
          <Fact name="Happened, says the platform">
            <Ago at={occurredAt} />
          </Fact>
        )}
        <Fact name="Attempts">{formatCount(attemptsMade)}</Fact>
        {replay && (
          <Fact name="Put back by">
            {replay.startsWith('rpl_') ? <Link href={`/replays/${replay}`}>{replay}</Link> : 'a replay'}
          </Fact>
        )}
      </dl>
      {unreadable && <p className="trouble">What is stored cannot be read: {unreadable}</p>}
      <details>
        <summary>Idempotency key{kept.length > 0 && `, and ${kept.length} headers`}</summary>
        <dl className="headers">
          {idempotencyKey && <Header name="idempotency key" value={idempotencyKey} />}
          {kept.map(([name, value]) => (
            <Header key={name} name={name} value={String(value)} />
          ))}
        </dl>
      </details>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
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

/** Why a delivery died, and what to do. */
export function DeathPanel({ death }: { readonly death: Death }) {
  const { reason, faultOf, remedy, group, message, issues = [], status, type, errorId } = death;
  const told = [
    status === undefined ? undefined : `status ${status}`,
    type,
    errorId === undefined ? undefined : `error ${errorId}`,
  ].filter((word) => word !== undefined);
  return (
    <section className="panel" aria-labelledby="death">
      <h2 id="death">What it died of</h2>
      <p className="row">
        <Badge tone="bad">{REASONS[reason]}</Badge>
        <span className="quiet">mostly {FAULTS[faultOf]} fault</span>
        {group && <Link href={`/dead-letters?group=${group}`}>All of this cause</Link>}
      </p>
      <p className="cause">{message}</p>
      {told.length > 0 && <p className="quiet">Botpress: {told.join(', ')}</p>}
      <Issues all={issues} />
      <p>
        <strong>What to do:</strong> {remedy}
      </p>
    </section>
  );
}

const MOMENT_TONES: Readonly<Record<Moment['kind'], Tone>> = {
  received: 'quiet',
  attempt: 'warn',
  edit: 'quiet',
  began: 'warn',
  good: 'good',
  bad: 'bad',
  end: 'quiet',
  waits: 'warn',
};

/** What happened to a delivery, the oldest first, and how long nothing did. */
export function Timeline({ delivery }: { readonly delivery: Delivery }) {
  return (
    <section className="panel" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <ol className="timeline">
        {timelineOf(delivery).map(({ at, kind, title, text, pause, ms }) => (
          <li key={`${at} ${title}`}>
            {pause !== undefined && <p className="pause">{formatDuration(pause)} later</p>}
            <p className="row">
              <time dateTime={new Date(at).toISOString()} className="nowrap quiet">
                {formatMoment(at)}
              </time>
              <Badge tone={MOMENT_TONES[kind]}>{title}</Badge>
              <span>
                {text}
                {ms !== undefined && <span className="quiet"> took {formatDuration(ms)}</span>}
              </span>
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
