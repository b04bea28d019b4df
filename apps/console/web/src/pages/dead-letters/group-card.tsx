import { Link } from 'wouter';
import type { Group } from '../../api/answers.ts';
import { useIsOperator } from '../../api/use-me.ts';
import { Ago } from '../../parts/ago.tsx';
import { Badge } from '../../parts/badge.tsx';
import { countOf, formatCount } from '../../view/format.ts';
import { FAULTS, REASONS } from '../../view/reasons.ts';
import type { Acting } from './action-dialog.tsx';

interface GroupCardProps {
  readonly group: Group;
  /** Whether the table shows those of this cause alone. */
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly onAct: (acting: Acting) => void;
}

/** One cause: how many, since when, whose fault it mostly is, and what to do. */
export function GroupCard({ group: shown, isChosen, onChoose, onAct }: GroupCardProps) {
  const { group, count, first, last, connection, topic, example, death } = shown;
  const isOperator = useIsOperator();
  const filter = { group };
  const name = countOf(count, 'dead letter');
  return (
    <li className={isChosen ? 'group current' : 'group'}>
      <p className="group-count">
        <strong>{formatCount(count)}</strong>
      </p>
      <div className="group-cause">
        <p className="row">
          <Badge tone="bad">{REASONS[death.reason]}</Badge>
          <span>
            <strong>{connection ?? 'unknown connection'}</strong> {topic}
            {death.event && ` → ${death.event}`}
          </span>
        </p>
        <p className="cause">{death.message}</p>
        <p className="quiet">
          First <Ago at={first} />, last <Ago at={last} /> · mostly {FAULTS[death.faultOf]} fault ·{' '}
          <Link href={`/deliveries/${example}`}>the newest of them</Link>
        </p>
        <p>{death.remedy}</p>
      </div>
      <div className="group-actions">
        <button
          type="button"
          aria-pressed={isChosen}
          onClick={onChoose}
          aria-label={isChosen ? `Shown below: ${name}` : `Show these ${name}`}
        >
          {isChosen ? 'Shown below' : 'Show these'}
        </button>
        <button
          type="button"
          onClick={() => onAct({ action: 'try', filter })}
          aria-label={`Try the mappers on ${name}`}
        >
          Try
        </button>
        {isOperator && (
          <>
            <button
              type="button"
              className="primary"
              onClick={() => onAct({ action: 'replay', filter })}
              aria-label={`Replay ${name}`}
            >
              Replay
            </button>
            <button
              type="button"
              className="danger"
              onClick={() => onAct({ action: 'discard', filter })}
              aria-label={`Discard ${name}`}
            >
              Discard
            </button>
          </>
        )}
      </div>
    </li>
  );
}
