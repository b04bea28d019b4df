import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Trial } from '../../api/answers.ts';
import { ask } from '../../api/ask.ts';
import { Badge } from '../../parts/badge.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Trouble } from '../../parts/trouble.tsx';
import { describeFilter, type Filter } from '../../view/filter.ts';
import { formatCount } from '../../view/format.ts';
import { nameOfReason } from '../../view/reasons.ts';

/** Dead letters that are tried at most, the newest. */
const LIMIT = 1_000;

/** Tells what today's mappers make of dead letters. Nothing is sent. */
export function TryDialog({ filter, onClose }: { readonly filter: Filter; readonly onClose: () => void }) {
  const trial = useQuery({
    queryKey: ['trial', filter],
    queryFn: ({ signal }) =>
      ask<Trial>('/dead-letters/try', { method: 'POST', body: { filter, limit: LIMIT }, signal }),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <Dialog title="Try today’s mappers" onClose={onClose} wide>
      <p>
        Of <strong>{describeFilter(filter)}</strong>, the newest {formatCount(LIMIT)} at most. Nothing is
        sent.
      </p>
      {trial.isPending && <Loading />}
      <Trouble error={trial.error} />
      {trial.data && <Result trial={trial.data} />}
      <div className="row end">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function Result({ trial: { succeed, fail, duties, become, die } }: { readonly trial: Trial }) {
  return (
    <div aria-live="polite">
      <p className="row">
        <Badge tone="good">{formatCount(succeed)} would succeed</Badge>
        <Badge tone={fail > 0 ? 'bad' : 'quiet'}>{formatCount(fail)} would die again</Badge>
        {duties > 0 && (
          <span className="quiet">{formatCount(duties)} of those that succeed become no event</span>
        )}
      </p>
      <ul className="plain-list">
        {become.map(({ event, count, example }) => (
          <li key={event}>
            <strong>{formatCount(count)}</strong> become <code>{event}</code>,{' '}
            <Link href={`/deliveries/${example.id}`}>for example this</Link>
            <details>
              <summary>Its payload, personal data masked</summary>
              <pre>{JSON.stringify(example.payload, null, 2)}</pre>
            </details>
          </li>
        ))}
        {die.map(({ reason, connection, topic, message, count, example }) => (
          <li key={example}>
            <strong>{formatCount(count)}</strong> of {connection} {topic} die: {nameOfReason(reason)}.{' '}
            {message}, <Link href={`/deliveries/${example}`}>for example this</Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
