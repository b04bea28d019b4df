import type { Overview } from '../../api/answers.ts';
import { Badge } from '../../parts/badge.tsx';
import { formatCount } from '../../view/format.ts';

/** What everything accepted came to, in the order of the ledger’s equation. */
const PARTS = ['delivered', 'recorded', 'erased', 'discarded', 'expired', 'dead', 'pending'] as const;

/** The ledger’s equation: whatever was accepted is somewhere. */
export function Equation({ ledger: { holds, total } }: { readonly ledger: Overview['ledger'] }) {
  const of = (name: string) => Number(total[name] ?? 0);
  return (
    <section className="panel" aria-labelledby="ledger">
      <h2 id="ledger">
        Ledger {holds ? <Badge tone="good">balances</Badge> : <Badge tone="bad">does not balance</Badge>}
      </h2>
      <p className="equation">
        <strong>{formatCount(of('accepted'))}</strong> accepted ={' '}
        {PARTS.filter((part) => of(part) > 0 || part === 'delivered').map((part, index) => (
          <span key={part}>
            {index > 0 && ' + '}
            <strong>{formatCount(of(part))}</strong> {part}
          </span>
        ))}
      </p>
      <p className="quiet">
        Besides: {formatCount(of('duplicates'))} sent again, {formatCount(of('ignored'))} that nobody asked
        for, {formatCount(of('replayed'))} replayed, {formatCount(of('reconciled'))} found at Botpress after
        an answer was lost.
      </p>
    </section>
  );
}
