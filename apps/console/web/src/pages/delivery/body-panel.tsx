import { useMemo, useState } from 'react';
import type { Delivery } from '../../api/answers.ts';
import { useIsOperator } from '../../api/use-me.ts';
import { Badge } from '../../parts/badge.tsx';
import { JsonTree } from '../../parts/json-tree.tsx';
import { nodeOf, readJson } from '../../view/json-text.ts';
import { RevealDialog } from './reveal-dialog.tsx';
import type { Revealing } from './use-delivery.ts';

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

export function Body({ body, issues, label = 'the body' }: BodyProps) {
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
