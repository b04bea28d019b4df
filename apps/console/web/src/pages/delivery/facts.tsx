import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Delivery } from '../../api/answers.ts';
import { Ago } from '../../parts/ago.tsx';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { formatCount } from '../../view/format.ts';

const TONES: Readonly<Record<Delivery['state'], Tone>> = {
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
          <Badge tone={TONES[state]}>{state}</Badge>
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
