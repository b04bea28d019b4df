import type { ReplayPlan } from '../api/answers.ts';
import { formatCount, formatDuration } from '../view/format.ts';
import { REASONS } from '../view/reasons.ts';
import { Ago } from './ago.tsx';
import { Loading } from './loading.tsx';

/** Causes that a plan tells one by one. */
const SHOWN = 5;

/** What a replay would put back, and how long that takes. */
export function PlanFigures({ plan }: { readonly plan: ReplayPlan | undefined }) {
  if (!plan) return <Loading />;
  const { count, groups, oldest, seconds } = plan;
  return (
    <>
      <dl className="figures" aria-live="polite">
        <div>
          <dt>Dead letters</dt>
          <dd>{formatCount(count)}</dd>
        </div>
        <div>
          <dt>Causes</dt>
          <dd>{formatCount(groups.length)}</dd>
        </div>
        <div>
          <dt>Oldest died</dt>
          <dd>{oldest === undefined ? '–' : <Ago at={oldest} />}</dd>
        </div>
        <div>
          <dt>Takes about</dt>
          <dd>{formatDuration(seconds * 1_000)}</dd>
        </div>
      </dl>
      <ul className="plain-list">
        {groups.slice(0, SHOWN).map(({ group, count: size, connection, topic, death }) => (
          <li key={group}>
            <strong>{formatCount(size)}</strong> {connection} {topic}: {REASONS[death.reason]}
            <div className="quiet">{death.message}</div>
          </li>
        ))}
        {groups.length > SHOWN && <li className="quiet">and {groups.length - SHOWN} causes more</li>}
      </ul>
    </>
  );
}
