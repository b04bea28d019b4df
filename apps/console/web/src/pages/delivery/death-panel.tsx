import { Link } from 'wouter';
import type { Death } from '../../api/answers.ts';
import { Badge } from '../../parts/badge.tsx';
import { Issues } from '../../parts/issues.tsx';
import { FAULTS, REASONS } from '../../view/reasons.ts';

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
