import { Link } from 'wouter';
import type { Overview } from '../../api/answers.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';

type Severity = Overview['attention'][number]['severity'];

const SEVERITY: Readonly<Record<Severity, readonly [Tone, string]>> = {
  page: ['bad', 'now'],
  ticket: ['warn', 'soon'],
  note: ['quiet', 'note'],
};

/** What somebody should look at, the most urgent first. */
export function Attention({ all }: { readonly all: Overview['attention'] }) {
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
