import { useMemo, useState } from 'react';
import { useIsOperator } from '../../api/queries.ts';
import type { Delivery, Mapped } from '../../api/types.ts';
import { formatMoment } from '../../model/format.ts';
import { nodeOf, readJson } from '../../model/json-text.ts';
import { nameOfReason } from '../../model/labels.ts';
import { Badge, Issues, Loading, Trouble } from '../../ui/elements.tsx';
import { JsonTree } from '../../ui/json-tree.tsx';
import { RevealDialog } from './reveal-dialog.tsx';
import { type Revealing, useMapped } from './use-delivery.ts';

interface BodyPanelProps {
  readonly delivery: Delivery;
  readonly revealing: Revealing;
}

/** What the platform sent, or what it was edited to. */
export function BodyPanel({ delivery, revealing }: BodyPanelProps) {
  const { body, death } = delivery;
  const [isAsking, ask] = useState(false);
  const isOperator = useIsOperator();
  const show = () => {
    if (revealing.delivery) revealing.show(true);
    else ask(true);
  };
  // Issues of other reasons are about what the mapper made of the body.
  const issues = death?.reason === 'invalid_input' ? death.issues : undefined;
  return (
    <section className="panel" aria-labelledby="body">
      <div className="row spread">
        <h2 id="body">Body</h2>
        <span className="row">
          {body && <Badge tone="quiet">{body.masked ? 'personal data masked' : 'as it is'}</Badge>}
          {isOperator && body?.masked && (
            <button type="button" onClick={show}>
              Reveal …
            </button>
          )}
          {body?.masked === false && (
            <button type="button" onClick={() => revealing.show(false)}>
              Mask again
            </button>
          )}
        </span>
      </div>
      {body ? <Body body={body} issues={issues} /> : <p className="quiet">It cannot be read.</p>}
      {isAsking && (
        <RevealDialog
          action="Reveal"
          revealing={revealing}
          onRevealed={() => {
            revealing.show(true);
            ask(false);
          }}
          onClose={() => ask(false)}
        />
      )}
    </section>
  );
}

interface BodyProps {
  readonly body: NonNullable<Delivery['body']>;
  readonly issues?: NonNullable<Delivery['death']>['issues'];
  readonly label?: string;
}

function Body({ body, issues, label = 'the body' }: BodyProps) {
  const reading = useMemo(
    () => (body.masked ? ({ ok: true, node: nodeOf(body.json) } as const) : readJson(body.text)),
    [body],
  );
  if (body.masked && body.json === null) {
    return <p className="quiet">It is no JSON: what it is, only those see who reveal it.</p>;
  }
  if (!reading.ok) return <pre>{body.masked ? '' : body.text}</pre>;
  return (
    <JsonTree label={label} node={reading.node} isParsed={body.masked} {...(issues ? { issues } : {})} />
  );
}

/** What today's mapper makes of a delivery, beside its body. */
export function EventPanel({ delivery }: { readonly delivery: Delivery }) {
  const mapped = useMapped(delivery.id);
  return (
    <section className="panel" aria-labelledby="event">
      <div className="row spread">
        <h2 id="event">Event, as today’s mapper makes it</h2>
        <button type="button" onClick={() => void mapped.refetch()} disabled={mapped.isFetching}>
          Map again
        </button>
      </div>
      {mapped.isPending && <Loading />}
      <Trouble error={mapped.error} />
      {mapped.data && <Result mapped={mapped.data} />}
    </section>
  );
}

function Result({ mapped }: { readonly mapped: Mapped }) {
  const payload = mapped.ok ? mapped.payload : undefined;
  const node = useMemo(() => nodeOf(payload), [payload]);
  if (mapped.ok) {
    return (
      <>
        <p className="row">
          <Badge tone="good">fits</Badge>{' '}
          {mapped.event ? <code>{mapped.event}</code> : 'It becomes no event.'}
        </p>
        {mapped.event !== undefined && <JsonTree label="the event’s payload" node={node} isParsed />}
      </>
    );
  }
  const { reason, message, issues = [] } = mapped;
  return (
    <>
      <p className="row">
        <Badge tone="bad">{nameOfReason(reason)}</Badge> {message}
      </p>
      <Issues all={issues} />
      <p className="quiet">Replayed as it is, it would die again.</p>
    </>
  );
}

/** How operators changed the body, and what it was before. */
export function Edits({ delivery: { edits, original } }: { readonly delivery: Delivery }) {
  return (
    <section className="panel" aria-labelledby="edits">
      <h2 id="edits">Edits</h2>
      <ol className="plain-list">
        {edits.map(({ who, reason, at, change }) => (
          <li key={at}>
            <p>
              <strong>{who}</strong>, {formatMoment(at)}: {reason}
            </p>
            {change === 'body' ? (
              <p className="quiet">The whole body was replaced.</p>
            ) : (
              <pre>{JSON.stringify(change, null, 2)}</pre>
            )}
          </li>
        ))}
      </ol>
      {original && (
        <details>
          <summary>What the platform sent</summary>
          <Body body={original} label="what the platform sent" />
        </details>
      )}
    </section>
  );
}
