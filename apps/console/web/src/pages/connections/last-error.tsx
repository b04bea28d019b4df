import { Link } from 'wouter';
import type { Group } from '../../api/answers.ts';
import { Ago } from '../../parts/ago.tsx';
import { REASONS } from '../../view/reasons.ts';

/** What a delivery of the connection died of last. */
export function LastError({ group }: { readonly group: Group }) {
  const { last, death, example } = group;
  return (
    <p>
      Last error, <Ago at={last} />: {REASONS[death.reason]}, {death.message}{' '}
      <Link href={`/deliveries/${example}`}>Look at it</Link>
    </p>
  );
}
