import { useMemo, useState } from 'react';
import { useIsOperator } from '../../api/queries.ts';
import type { Delivery, MappedEvent } from '../../api/types.ts';
import { formatTime } from '../../model/format.ts';
import { parseJson, toJsonNode } from '../../model/json-text.ts';
import { reasonLabel } from '../../model/labels.ts';
import { Badge, ErrorMessage, IssueList, Loading } from '../../ui/elements.tsx';
import { JsonTree } from '../../ui/json-tree.tsx';
import { RevealDialog } from './reveal-dialog.tsx';
import { type Reveal, useMappedEvent } from './use-delivery.ts';

interface BodyPanelProps {
  readonly delivery: Delivery;
  readonly reveal: Reveal;
}

/** The received or edited body. */
export function BodyPanel({ delivery, reveal }: BodyPanelProps) {
  const { body, death } = delivery;
  const [isDialogOpen, setDialogOpen] = useState(false);
  const isOperator = useIsOperator();
  const show = () => {
    if (reveal.delivery) reveal.show(true);
    else setDialogOpen(true);
  };
  // Issues of other reasons refer to the event instead of the body.
  const issues = death?.reason === 'invalid_input' ? death.issues : undefined;
  return (
    <section className="panel" aria-labelledby="body">
      <div className="row spread">
        <h2 id="body">Body</h2>
        <span className="row">
          {body && <Badge tone="neutral">{body.masked ? 'personal data masked' : 'revealed'}</Badge>}
          {isOperator && body?.masked && (
            <button type="button" onClick={show}>
              Reveal
            </button>
          )}
          {body?.masked === false && (
            <button type="button" onClick={() => reveal.show(false)}>
              Mask
            </button>
          )}
        </span>
      </div>
      {body ? <Body body={body} issues={issues} /> : <p className="muted">The body is unreadable.</p>}
      {isDialogOpen && (
        <RevealDialog
          action="Reveal"
          reveal={reveal}
          onRevealed={() => {
            reveal.show(true);
            setDialogOpen(false);
          }}
          onClose={() => setDialogOpen(false)}
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

function Body({ body, issues, label = 'body' }: BodyProps) {
  const result = useMemo(
    () => (body.masked ? ({ ok: true, node: toJsonNode(body.json) } as const) : parseJson(body.text)),
    [body],
  );
  if (body.masked && body.json === null) {
    return <p className="muted">Body is not JSON. Reveal it to view.</p>;
  }
  if (!result.ok) return <pre>{body.masked ? '' : body.text}</pre>;
  return <JsonTree label={label} node={result.node} isParsed={body.masked} {...(issues ? { issues } : {})} />;
}

/** The event that the current mapper creates from a delivery. */
export function EventPanel({ delivery }: { readonly delivery: Delivery }) {
  const mapped = useMappedEvent(delivery.id);
  return (
    <section className="panel" aria-labelledby="event">
      <div className="row spread">
        <h2 id="event">Event from the current mapper</h2>
        <button type="button" onClick={() => void mapped.refetch()} disabled={mapped.isFetching}>
          Map again
        </button>
      </div>
      {mapped.isPending && <Loading />}
      <ErrorMessage error={mapped.error} />
      {mapped.data && <MappingResult mapped={mapped.data} />}
    </section>
  );
}

function MappingResult({ mapped }: { readonly mapped: MappedEvent }) {
  const payload = mapped.ok ? mapped.payload : undefined;
  const node = useMemo(() => toJsonNode(payload), [payload]);
  if (mapped.ok) {
    return (
      <>
        <p className="row">
          <Badge tone="good">valid</Badge> {mapped.event ? <code>{mapped.event}</code> : 'No event'}
        </p>
        {mapped.event !== undefined && <JsonTree label="event payload" node={node} isParsed />}
      </>
    );
  }
  const { reason, message, issues = [] } = mapped;
  return (
    <>
      <p className="row">
        <Badge tone="bad">{reasonLabel(reason)}</Badge> {message}
      </p>
      <IssueList issues={issues} />
      <p className="muted">A replay without changes would fail again.</p>
    </>
  );
}

/** Changes of the body by operators, and the received body. */
export function EditsPanel({ delivery: { edits, original } }: { readonly delivery: Delivery }) {
  return (
    <section className="panel" aria-labelledby="edits">
      <h2 id="edits">Edits</h2>
      <ol className="plain-list">
        {edits.map(({ who, reason, at, change }) => (
          <li key={at}>
            <p>
              <strong>{who}</strong>, {formatTime(at)}: {reason}
            </p>
            {change === 'body' ? (
              <p className="muted">The whole body was replaced.</p>
            ) : (
              <pre>{JSON.stringify(change, null, 2)}</pre>
            )}
          </li>
        ))}
      </ol>
      {original && (
        <details>
          <summary>Received body</summary>
          <Body body={original} label="received body" />
        </details>
      )}
    </section>
  );
}
