import type { Delivery } from '../../api/answers.ts';
import { formatMoment } from '../../view/format.ts';
import { Body } from './body-panel.tsx';

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
